package config

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"headwatch"
)

// check notes everything in a complete configuration that could not work. The fields are named by their place in the file.
func (d *document) check(c *Config) {
	d.checkJournal("journal", &c.Journal)
	d.checkAPI("api", &c.API)
	d.checkLog("log", &c.Log)
	if len(c.Chains) == 0 {
		d.fault("chain", "there is no chain to watch", `add a [[chain]], for example with preset = "base"`)
	}
	if len(c.Circuits) == 0 {
		d.fault("circuit", "there is no circuit", "add a [[circuit]]: without one nobody is told and nothing is paused")
	}
	d.checkNames(c)
	for i := range c.Chains {
		d.checkChain(path("chain").item(i), &c.Chains[i], c)
	}
	for i := range c.Circuits {
		d.checkCircuit(path("circuit").item(i), &c.Circuits[i], c)
	}
	for i := range c.Hooks {
		d.checkHook(path("hook").item(i), &c.Hooks[i])
		d.checkSignersOf(path("hook").item(i), &c.Hooks[i], c)
		d.checkVia(path("hook").item(i), &c.Hooks[i], c)
		d.checkSending(path("hook").item(i), &c.Hooks[i])
		d.checkNATS(path("hook").item(i), &c.Hooks[i], c)
	}
	d.checkSharing(c)
	for i := range c.Signers {
		d.checkSigner(path("signer").item(i), &c.Signers[i])
	}
	for i := range c.Alerts {
		d.checkAlert(path("alert").item(i), &c.Alerts[i])
	}
	d.checkReach(c)
	d.checkGuard(c)
	d.checkPaging(c)
	d.checkDuty(c)
	d.checkWatchdog(c)
}

// checkNames also keeps hooks and alerts apart, because a notice is addressed by the name of either.
func (d *document) checkNames(c *Config) {
	channels, signers := named{}, named{}
	chains, circuits := named{headwatch.Watchdog: ""}, named{headwatch.Watchdog: ""}
	operators := named{headwatch.Watchdog: "", headwatch.Calendar: ""}
	for i, x := range c.Chains {
		d.checkName(path("chain").item(i), x.Name, chains)
		endpoints := named{}
		for j, e := range x.Endpoints {
			d.checkName(path("chain").item(i).key("endpoint").item(j), e.Name, endpoints)
		}
	}
	for i, x := range c.Circuits {
		d.checkName(path("circuit").item(i), x.Name, circuits)
	}
	for i, x := range c.Hooks {
		d.checkName(path("hook").item(i), x.Name, channels)
	}
	for i, x := range c.Alerts {
		d.checkName(path("alert").item(i), x.Name, channels)
	}
	d.checkPagingNames(c, channels)
	for i, x := range c.Signers {
		d.checkName(path("signer").item(i), x.Name, signers)
	}
	for i, x := range c.API.Operators {
		d.checkName(path("api").key("operator").item(i), x.Name, operators)
	}
}

// named holds the names of one kind that are taken, and by which table; "" is the program itself.
type named map[string]path

var nameForm = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,62}$`)

func (d *document) checkName(table path, name string, taken named) {
	at := table.key("name")
	if name == "" {
		d.missing(table, "name", "")
		return
	}
	if !nameForm.MatchString(name) {
		d.fault(at, fmt.Sprintf("%q cannot be a name", name),
			"use up to 63 of a-z, 0-9, - and _, and begin with a letter or a digit: names become metric labels and journal subjects")
		return
	}
	switch other, ok := taken[name]; {
	case ok && other == "":
		d.fault(at, fmt.Sprintf("%q is the name of the program itself", name), "use another")
	case ok:
		line, _ := d.position(other)
		d.fault(at, fmt.Sprintf("the name is taken by the %s in line %d", other.last(), line), "names must differ")
	default:
		taken[name] = table
	}
}

// missing notes that a key has no value: that it is not there, or that it is there and empty.
func (d *document) missing(table path, key, hint string) {
	switch {
	case d.has(table.key(key + "_file")):
		// The file that it names was at fault, and that has been said.
	case d.has(table.key(key)):
		d.fault(table.key(key), key+" is empty", hint)
	default:
		d.fault(table.key(key), key+" is missing", hint)
	}
}

// choice checks a word against the known ones.
func (d *document) choice(at path, word string, known []string) bool {
	if slices.Contains(known, word) {
		return true
	}
	d.fault(at, fmt.Sprintf("%s %q is unknown", at.last(), word), DidYouMean(word, known))
	return false
}

// reference checks a name against those that the file defines.
func (d *document) reference(at path, what, name string, defined []string) bool {
	if slices.Contains(defined, name) {
		return true
	}
	d.fault(at, fmt.Sprintf("%s %q does not exist", what, name), DidYouMean(name, defined))
	return false
}

// references checks a list of names.
func (d *document) references(at path, what string, list, defined []string) {
	for i, name := range list {
		if d.reference(at.item(i), what, name, defined) && slices.Contains(list[:i], name) {
			d.fault(at.item(i), fmt.Sprintf("%s %q is listed twice", what, name), "")
		}
	}
}

func (d *document) within(at path, v, least, most Duration) {
	if v < least || v > most {
		d.fault(at, fmt.Sprintf("%s is %v", at.last(), v), fmt.Sprintf("make it %v to %v", least, most))
	}
}

func (d *document) atLeast(at path, v, least Duration) {
	if v < least {
		d.fault(at, fmt.Sprintf("%s is %v", at.last(), v), fmt.Sprintf("make it at least %v", least))
	}
}

// url checks a URL without ever showing it.
func (d *document) url(table path, key string, s Secret, schemes ...string) {
	if s.IsZero() {
		d.missing(table, key, "")
		return
	}
	at := table.key(key)
	u, err := url.Parse(s.Reveal())
	switch {
	case err != nil || u.Host == "":
		d.fault(at, key+" is not a URL with a host", "")
	case !slices.Contains(schemes, u.Scheme):
		d.fault(at, key+" has the wrong scheme", "begin it with "+strings.Join(schemes, ":// or ")+"://")
	case u.Port() != "" && !isPort(u.Port()):
		d.fault(at, key+" has a port that there is not", "ports are 1 to 65535")
	}
}

func isPort(text string) bool {
	n, err := strconv.ParseUint(text, 10, 16)
	return err == nil && n > 0
}

// belong notes keys of a table that only others have: sort is how messages call a table by its kind.
func (d *document) belong(table path, sort, kind string, owners map[string][]string) {
	for key, kinds := range owners {
		if slices.Contains(kinds, kind) {
			continue
		}
		for _, k := range []string{key, key + "_file"} {
			if d.has(table.key(k)) {
				d.fault(table.key(k), fmt.Sprintf("%s belongs to %s %s, this is %s %s", k, sort, strings.Join(kinds, " or "), sort, kind), "remove it")
			}
		}
	}
}

// deliveryTimeout checks the time for one attempt of a hook or an alert.
func (d *document) deliveryTimeout(at path, v Duration) {
	d.within(at, v, Duration(time.Second), Duration(time.Minute))
}

// signingSecrets checks secrets by the Standard Webhooks specification: 24 to 64 bytes.
func (d *document) signingSecrets(at path, secrets []Secret) {
	for i, s := range secrets {
		text, ok := strings.CutPrefix(s.Reveal(), "whsec_")
		key, err := base64.StdEncoding.DecodeString(text)
		if !ok || err != nil || len(key) < 24 || len(key) > 64 {
			d.fault(at.item(i), fmt.Sprintf("secret %d does not sign webhooks", i+1), "it is whsec_ and the base64 of 24 to 64 random bytes, as `openssl rand -base64 24` prints them")
		}
	}
}

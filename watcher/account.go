package watcher

import (
	"encoding/json"
	"math"
	"math/big"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"time"

	"headwatch"
)

// Methods that tell of an account.
const (
	methodBalance = "eth_getBalance"
	methodNonce   = "eth_getTransactionCount"
)

const (
	accountEvery = 5 * time.Minute                 // how often an endpoint is asked for an account
	accountFor   = 2*accountEvery + accountEvery/5 // how long its answer counts
)

// accountQuestions ask an endpoint for one account.
type accountQuestions struct {
	questions [2]question
	due       time.Time
}

func askAccounts(addresses []string) []accountQuestions {
	all := make([]accountQuestions, len(addresses))
	for i, a := range addresses {
		address, at := raw(a), raw("latest")
		all[i].questions = [2]question{newQuestion(methodBalance, address, at).ifServed(), newQuestion(methodNonce, address, at).ifServed()}
	}
	return all
}

// dueAccount gives the questions for the account that has waited longest, if it is due: one at a time, so that no batch
// grows long. After the first time the endpoints spread over the period.
func dueAccount(all []accountQuestions, now time.Time) []question {
	if len(all) == 0 {
		return nil
	}
	next := 0
	for i := range all {
		if all[i].due.Before(all[next].due) {
			next = i
		}
	}
	a := &all[next]
	switch {
	case now.Before(a.due):
		return nil
	case a.due.IsZero():
		a.due = now.Add(accountEvery/2 + rand.N(accountEvery/2))
	default:
		a.due = now.Add(accountEvery)
	}
	return a.questions[:]
}

var addressForm = regexp.MustCompile(`^0x[0-9a-f]{40}$`)

// readAccount takes a balance or a nonce, as of the latest block, into the account that was asked for.
func readAccount(method string, params []json.RawMessage, result json.RawMessage, into *headwatch.Observation) error {
	var address string
	if len(params) != 2 || string(params[1]) != `"latest"` || json.Unmarshal(params[0], &address) != nil {
		return faultf(headwatch.FaultOther, "an account that is not asked for by address and as of the latest block")
	}
	address = strings.ToLower(address)
	if !addressForm.MatchString(address) {
		return faultf(headwatch.FaultOther, "an account that is not asked for by an address")
	}
	account := into.Accounts[address]
	if method == methodBalance {
		var balance wei
		if err := unmarshal(result, &balance); err != nil {
			return err
		}
		account.Balance = (*uint64)(&balance)
	} else {
		var nonce quantity
		if err := unmarshal(result, &nonce); err != nil {
			return err
		}
		account.Nonce = (*uint64)(&nonce)
	}
	if into.Accounts == nil {
		into.Accounts = make(map[string]headwatch.Account, 1)
	}
	into.Accounts[address] = account
	return nil
}

// wei is an amount of up to 256 bits as nodes write it, kept in gwei: what is more than a uint64 holds is its largest.
type wei uint64

var weiForm = regexp.MustCompile(`^"0x[0-9a-fA-F]{1,64}"$`)

// UnmarshalJSON refuses what is not a quantity of 256 bits.
func (w *wei) UnmarshalJSON(b []byte) error {
	if !weiForm.Match(b) {
		return errMalformed
	}
	n, _ := new(big.Int).SetString(string(b[3:len(b)-1]), 16)
	*w = math.MaxUint64
	if n.Div(n, big.NewInt(1e9)).IsUint64() {
		*w = wei(n.Uint64())
	}
	return nil
}

// ledgers is what a layer 1's endpoints say of accounts.
type ledgers struct {
	words  map[string][]accountWord // by address and endpoint
	agreed *ledger                  // replaced as a whole, never changed: the L2s read it
}

// accountWord is what one endpoint said last of one account.
type accountWord struct {
	balance, nonce uint64
	paid, sent     time.Time // when it said the one and the other; zero for never
}

// ledger is what a quorum of operators agrees on, by address in lower case.
type ledger map[string]account

// account is what a quorum of operators agrees on of one address.
type account struct {
	at      time.Time // as of when a quorum has told all of it
	balance uint64    // in gwei
	nonce   uint64
	rose    time.Time // when nonce last rose here; at first when it was first agreed
}

// watchAccounts makes the View of a layer 1 take in what is said of addresses. Call it before the first Observe.
func (v *View) watchAccounts(addresses []string) {
	v.ledgers.words = make(map[string][]accountWord, len(addresses))
	for _, a := range addresses {
		v.ledgers.words[a] = make([]accountWord, len(v.endpoints))
	}
}

func (v *View) hearAccounts(i int, o headwatch.Observation) {
	if len(o.Accounts) == 0 {
		return
	}
	news := make(ledger, len(v.ledgers.words))
	if v.ledgers.agreed != nil {
		for address, known := range *v.ledgers.agreed {
			news[address] = known
		}
	}
	for address, said := range o.Accounts {
		words := v.ledgers.words[address]
		if words == nil {
			continue
		}
		if said.Balance != nil {
			words[i].balance, words[i].paid = *said.Balance, o.At
		}
		if said.Nonce != nil {
			words[i].nonce, words[i].sent = *said.Nonce, o.At
		}
		if a, ok := v.agree(words, news[address], o.At); ok {
			news[address] = a
		}
	}
	v.ledgers.agreed = &news
}

// agree gives what a quorum of operators says of an account. The nonce is the highest that a quorum has reached. The
// balance is one that a quorum, and half of all, do not exceed. It is false while fewer have told.
func (v *View) agree(words []accountWord, before account, now time.Time) (account, bool) {
	var byOperator [maxEndpoints]accountWord
	for i, w := range words {
		word := &byOperator[v.endpoints[i].who]
		if now.Sub(w.paid) < accountFor && w.paid.After(word.paid) {
			word.balance, word.paid = w.balance, w.paid
		}
		if now.Sub(w.sent) < accountFor && w.sent.After(word.sent) {
			word.nonce, word.sent = w.nonce, w.sent
		}
	}
	var balances, nonces []uint64
	var told []time.Time
	for _, w := range byOperator {
		if !w.paid.IsZero() && !w.sent.IsZero() {
			balances, nonces, told = append(balances, w.balance), append(nonces, w.nonce), append(told, earlier(w.paid, w.sent))
		}
	}
	need := max(v.chain.Quorum, 1)
	if len(told) < need {
		return account{}, false
	}
	slices.Sort(balances)
	slices.Sort(nonces)
	slices.SortFunc(told, time.Time.Compare)
	a := account{
		at: told[len(told)-need], balance: balances[max(len(balances)/2, need-1)], nonce: nonces[len(nonces)-need], rose: before.rose,
	}
	if a.rose.IsZero() || a.nonce > before.nonce {
		a.rose = now
	}
	a.nonce = max(a.nonce, before.nonce)
	return a, true
}

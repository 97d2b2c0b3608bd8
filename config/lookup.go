package config

import (
	"reflect"
	"slices"
	"time"

	"headwatch"
)

// Chain gives the chain of a name, or nil.
func (c *Config) Chain(name string) *Chain {
	return find(c.Chains, func(x *Chain) bool { return x.Name == name })
}

// Circuit gives the circuit of a name, or nil. That of the program's own name is made of [watchdog].
func (c *Config) Circuit(name string) *Circuit {
	if name == headwatch.Watchdog {
		return c.own()
	}
	return find(c.Circuits, func(x *Circuit) bool { return x.Name == name })
}

// Hook gives the hook of a name, or nil.
func (c *Config) Hook(name string) *Hook {
	return find(c.Hooks, func(x *Hook) bool { return x.Name == name })
}

// Signer gives the signer of a name, or nil.
func (c *Config) Signer(name string) *Signer {
	return find(c.Signers, func(x *Signer) bool { return x.Name == name })
}

// Alert gives the alert channel of a name, or nil.
func (c *Config) Alert(name string) *Alert {
	return find(c.Alerts, func(x *Alert) bool { return x.Name == name })
}

// Escalation gives the escalation of a name, or nil.
func (c *Config) Escalation(name string) *Escalation {
	return find(c.Escalations, func(x *Escalation) bool { return x.Name == name })
}

// Person gives the person of a name, or nil.
func (c *Config) Person(name string) *Person {
	return find(c.People, func(x *Person) bool { return x.Name == name })
}

// Rota gives the rota of a name, or nil.
func (c *Config) Rota(name string) *Rota {
	return find(c.Rotas, func(x *Rota) bool { return x.Name == name })
}

func find[T any](list []T, is func(*T) bool) *T {
	for i := range list {
		if is(&list[i]) {
			return &list[i]
		}
	}
	return nil
}

// Votes reports whether the endpoint shows heads and so has a say on whether they stand still. On a chain of API endpoints
// alone these have.
func (e *Endpoint) Votes(kind string) bool {
	if kind == KindAPI {
		return e.Serves == ServesAPI
	}
	return e.Serves == ServesEth || e.Serves == ServesRollup
}

// Idles reports whether the chain may stand still because nobody uses it: it seals blocks only when there are transactions,
// and its users may pause. Arbitrum, Linea and Scroll do (Chainlink's settings for them, NoNewHeadsThreshold = 0); ZKsync's and
// Polygon's heads go on by themselves.
func (c *Chain) Idles() bool {
	return !c.Busy && (c.Kind == KindArbitrum || c.Kind == KindLinea || c.Kind == KindScroll)
}

// Serves reports whether an endpoint of the chain serves one of these.
func (c *Chain) Serves(what ...string) bool {
	return slices.ContainsFunc(c.Endpoints, func(e Endpoint) bool { return slices.Contains(what, e.Serves) })
}

// Voters gives the operators of the endpoints that vote, each once, in the order of the file.
func (c *Chain) Voters() []string {
	var operators []string
	for i := range c.Endpoints {
		if e := &c.Endpoints[i]; e.Votes(c.Kind) && !slices.Contains(operators, e.Operator) {
			operators = append(operators, e.Operator)
		}
	}
	return operators
}

// CircuitsWith gives the circuits that list a hook, in the order of the file.
func (c *Config) CircuitsWith(hook string) []Circuit {
	return slices.DeleteFunc(slices.Clone(c.Circuits), func(x Circuit) bool { return !slices.Contains(x.Hooks, hook) })
}

// CircuitsOf gives the circuits on a chain, in the order of the file.
func (c *Config) CircuitsOf(chain string) []Circuit {
	var circuits []Circuit
	for _, x := range c.Circuits {
		if x.Chain == chain {
			circuits = append(circuits, x)
		}
	}
	return circuits
}

// Limits gives every distinct time after which a circuit on the chain warns, pages or trips, the shortest first.
func (c *Config) Limits(chain string) []time.Duration {
	var limits []time.Duration
	for _, x := range c.CircuitsOf(chain) {
		for _, d := range []Duration{x.WarnAfter, x.PageAfter, x.TripAfter} {
			if d > 0 {
				limits = append(limits, d.D())
			}
		}
	}
	slices.Sort(limits)
	return slices.Compact(limits)
}

// Warnings lists what is allowed but unwise: secrets that are written in the file itself. They are safe to show.
func (c *Config) Warnings() []string { return slices.Clone(c.warnings) }

// Secrets gives the value of every secret, each once; of a URL the whole. It exists for tests that search what the program
// wrote for secrets that leaked.
func (c *Config) Secrets() []string {
	var secrets []string
	collect(reflect.ValueOf(c).Elem(), &secrets)
	slices.Sort(secrets)
	return slices.Compact(secrets)
}

func collect(v reflect.Value, into *[]string) {
	if v.Type() == secretType {
		if s := v.Interface().(Secret); !s.IsZero() {
			*into = append(*into, s.Reveal())
		}
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				collect(v.Field(i), into)
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			collect(v.Index(i), into)
		}
	case reflect.Map:
		for _, k := range v.MapKeys() {
			collect(v.MapIndex(k), into)
		}
	}
}

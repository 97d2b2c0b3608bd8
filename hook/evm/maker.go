package evm

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/ethereum/go-ethereum/common"

	"headwatch/config"
)

// maker makes an effect and notes all that is wrong on the way.
type maker struct {
	hook    config.Hook
	preset  *preset
	pattern pattern
	to      common.Address
	readTo  common.Address
	args    []string // of the call
	badCall bool     // what follows from its arguments is not worth a word
	effect  effect
	faults  Faults
}

func (m *maker) fault(key, problem, hint string) {
	m.faults = append(m.faults, Fault{key, problem, hint})
}

// address reads a key that holds an address; "" gives the zero address.
func (m *maker) address(key, value string) common.Address {
	if value == "" {
		return common.Address{}
	}
	if wrong, hint := config.AddressFault(value); wrong != "" {
		m.fault(key, key+" "+wrong, hint)
	}
	return common.HexToAddress(value)
}

func (m *maker) make() {
	c := &m.hook
	c.Want = cmp.Or(c.Want, "true")
	if c.To == "" {
		m.fault("to", "to is missing", "write the address of the contract that is called")
	}
	m.to, m.readTo = m.address("to", c.To), m.address("read_to", c.ReadTo)
	if c.Preset != "" {
		i := slices.IndexFunc(presets, func(p preset) bool { return p.name == c.Preset })
		if i < 0 {
			m.fault("preset", fmt.Sprintf("preset %q is unknown", c.Preset), config.DidYouMean(c.Preset, presetNames()))
			return
		}
		m.preset = &presets[i]
	}
	if !m.choose() {
		return
	}
	m.makeCall()
	m.makeRead()
	m.makeResume()
	if m.preset != nil && m.preset.special != nil {
		m.preset.special(m)
	}
	m.throughSafe()
}

// anyCall reports whether the user alone says what is called.
func (m *maker) anyCall() bool { return m.preset == nil || len(m.preset.patterns) == 0 }

// choose finds the pattern that the call follows, and the call's arguments.
func (m *maker) choose() bool {
	c := &m.hook
	m.args = c.Args
	if m.anyCall() {
		m.pattern.call = c.Call
		if c.Call == "" {
			m.fault("call", "call is missing", `write the function to call, such as call = "pause()", or another preset`)
		}
		return c.Call != ""
	}
	m.pattern = m.preset.patterns[0]
	if c.Call != "" {
		s, err := parseSignature(c.Call)
		if err != nil {
			m.fault("call", fmt.Sprintf("%s is not a signature: %v", clipped(c.Call), err), "")
			return false
		}
		known, ok := m.preset.known(s.String())
		if !ok {
			m.fault("call", fmt.Sprintf("preset %s does not know %s", c.Preset, s), config.DidYouMean(s.String(), m.preset.calls()))
			return false
		}
		m.pattern = known
	}
	if len(m.args) == 0 {
		m.args = m.pattern.args
	}
	if m.args == nil {
		m.fault("args", "args is missing", fmt.Sprintf("preset %s calls %s", c.Preset, m.pattern.call))
	}
	return m.args != nil
}

// makeCall makes the call as the keys give it.
func (m *maker) makeCall() {
	call, err := newCall(m.to, m.pattern.call, m.args...)
	m.wrong("call", "args", err)
	m.badCall = err != nil
	m.effect.call = constant(call)
	for i, back := range m.pattern.resumeArgs {
		if err == nil && back == "false" && m.args[i] != "true" {
			m.fault(fmt.Sprintf("args[%d]", i), fmt.Sprintf("argument %d of %s is false, which takes the pause back", i+1, m.pattern.call), "write true")
		}
	}
}

func (m *maker) makeRead() {
	c := &m.hook
	function, args, of := m.pattern.read, m.fillAll(m.pattern.readArgs), m.target()
	switch {
	case c.Read != "":
		function, args, of = c.Read, c.ReadArgs, m.to
	case m.anyCall():
		m.fault("read", "read is missing", `say how it is seen that the call is in effect, such as read = "paused()", or use a preset`)
	case len(c.ReadArgs) > 0:
		m.fault("read_args", "read_args belongs to read, which is missing", "")
	case c.Want != "true":
		m.fault("want", "want belongs to read, which is missing", "")
	}
	if function == "" || c.Read == "" && m.badCall {
		return
	}
	if c.ReadTo != "" {
		of = m.readTo
	}
	q, err := newReading(of, function, args...)
	m.wrong("read", "read_args", err)
	if err != nil {
		return
	}
	want, err := q.canonical(c.Want)
	if err != nil {
		m.fault("want", err.Error(), "")
	}
	m.effect.holds = func(ctx context.Context, r Reader) (bool, error) {
		values, err := q.ask(ctx, r)
		return err == nil && values[0] == want, err
	}
}

func (m *maker) makeResume() {
	c := &m.hook
	function, args := m.pattern.resume, m.fillAll(m.pattern.resumeArgs)
	switch {
	case c.Resume != "":
		function, args = c.Resume, c.ResumeArgs
	case len(c.ResumeArgs) > 0 && function == "":
		m.fault("resume_args", "resume_args belongs to resume, which is missing", "")
	case len(c.ResumeArgs) > 0:
		args = c.ResumeArgs
	}
	m.effect.resume = func(context.Context, Reader) (Call, error) { return Call{}, errNoResume }
	if function == "" || c.Resume == "" && len(c.ResumeArgs) == 0 && m.badCall {
		return
	}
	call, err := newCall(m.target(), function, args...)
	m.wrong("resume", "resume_args", err)
	m.effect.resume = constant(call)
}

var errNoResume = errors.New("the hook names no call that takes it back: set resume")

// target gives the contract that is paused: it is read back, and resumes.
func (m *maker) target() common.Address {
	if m.pattern.on == "" {
		return m.to
	}
	return common.HexToAddress(m.fill(m.pattern.on))
}

// guardedBy gives a check that the sender is what one of these functions of the contract names.
func (m *maker) guardedBy(functions ...string) func(context.Context, Reader, common.Address) error {
	to := m.to
	return func(ctx context.Context, r Reader, sender common.Address) error {
		return holder(ctx, r, to, sender, functions...)
	}
}

// wrong notes why a call could not be made, at the key that is to blame.
func (m *maker) wrong(call, args string, err error) {
	if err == nil {
		return
	}
	key, hint := call, ""
	if bad, ok := errors.AsType[argumentError](err); ok {
		if key, hint = args, fmt.Sprintf("write %s with a text for each parameter", args); bad.index >= 0 {
			key, hint = fmt.Sprintf("%s[%d]", args, bad.index), ""
		}
	}
	m.fault(key, err.Error(), hint)
}

// fill gives an argument of a pattern: $1 is the call's first.
func (m *maker) fill(arg string) string {
	if len(arg) != 2 || arg[0] != '$' {
		return arg
	}
	if n := int(arg[1] - '1'); n < len(m.args) {
		return m.args[n]
	}
	return "" // the call has too few arguments, which has been said
}

func (m *maker) fillAll(args []string) []string {
	filled := make([]string, len(args))
	for i, a := range args {
		filled[i] = m.fill(a)
	}
	return filled
}

func constant(c Call) func(context.Context, Reader) (Call, error) {
	return func(context.Context, Reader) (Call, error) { return c, nil }
}

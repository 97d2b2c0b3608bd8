package evm

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/ethereum/go-ethereum/accounts/abi"
	"github.com/ethereum/go-ethereum/crypto"
)

// Bounds of a signature. The longest sensible one is a line; an array of a fixed size is made whole in memory.
const (
	maxSignature = 512  // bytes
	maxDepth     = 4    // of tuples and arrays in each other
	maxElements  = 1024 // of 32 bytes, in the part of the encoding whose size the types give
)

// signature is a function of a contract as a person writes it: setPoolPause(bool,uint40). What it returns may follow:
// balanceOf(address)(uint256).
type signature struct {
	name            string
	inputs, outputs abi.Arguments
}

// parseSignature reads a signature. Types only, no names of parameters; uint is uint256. go-ethereum's ParseSelector panics
// on some texts and takes others that are none.
func parseSignature(text string) (signature, error) {
	var s signature
	if len(text) > maxSignature {
		return s, fmt.Errorf("longer than %d characters", maxSignature)
	}
	p := typeParser{rest: text}
	s.name = p.take(identifier)
	if s.name == "" {
		return s, fmt.Errorf("no name of a function: %s", clipped(text))
	}
	var err error
	if s.inputs, err = p.list(); err != nil {
		return s, err
	}
	if p.space(); p.rest != "" {
		if s.outputs, err = p.list(); err != nil {
			return s, err
		}
		if len(s.outputs) == 0 {
			return s, fmt.Errorf("returns nothing: leave the empty brackets out")
		}
	}
	if p.space(); p.rest != "" {
		return s, fmt.Errorf("%s is left over: write types only, such as setPoolPause(bool,uint40)", clipped(p.rest))
	}
	return s, nil
}

// String gives the signature in the one form that is hashed, without what it returns.
func (s signature) String() string { return s.name + "(" + typeNames(s.inputs) + ")" }

func typeNames(args abi.Arguments) string {
	names := make([]string, len(args))
	for i, a := range args {
		names[i] = a.Type.String()
	}
	return strings.Join(names, ",")
}

// selector gives the four bytes by which a contract knows the function.
func (s signature) selector() []byte { return crypto.Keccak256([]byte(s.String()))[:4] }

var (
	identifier = regexp.MustCompile(`^[A-Za-z_$][A-Za-z0-9_$]*`)
	word       = regexp.MustCompile(`^[A-Za-z0-9]+`)
	brackets   = regexp.MustCompile(`^\[([0-9]{0,4})\]`)
	integer    = regexp.MustCompile(`^u?int([0-9]{0,3})$`)
	fixedBytes = regexp.MustCompile(`^bytes([1-9]|[12][0-9]|3[0-2])$`)
)

// typeParser takes types off the front of a text.
type typeParser struct{ rest string }

func (p *typeParser) space() { p.rest = strings.TrimLeft(p.rest, " ") }

// take gives what form, anchored at its beginning, finds there.
func (p *typeParser) take(form *regexp.Regexp) string {
	p.space()
	found := form.FindString(p.rest)
	p.rest = p.rest[len(found):]
	return found
}

func (p *typeParser) next(c byte) bool {
	p.space()
	if p.rest == "" || p.rest[0] != c {
		return false
	}
	p.rest = p.rest[1:]
	return true
}

// list takes types in brackets, and makes them.
func (p *typeParser) list() (abi.Arguments, error) {
	fields, words, err := p.fields(0)
	if err != nil {
		return nil, err
	}
	if words > maxElements {
		return nil, errElements
	}
	args := make(abi.Arguments, len(fields))
	for i, f := range fields {
		if args[i].Type, err = abi.NewType(f.Type, "", f.Components); err != nil {
			return nil, fmt.Errorf("type %s: %w", clipped(f.Type), err)
		}
	}
	return args, nil
}

var errElements = fmt.Errorf("arrays of more than %d elements in all", maxElements)

// fields takes types in brackets. words is the size of what they encode to, without what is as long as its content.
func (p *typeParser) fields(depth int) (fields []abi.ArgumentMarshaling, words int, err error) {
	if depth > maxDepth {
		return nil, 0, fmt.Errorf("types deeper than %d levels", maxDepth)
	}
	if !p.next('(') {
		return nil, 0, fmt.Errorf("( expected, and not %s: write the name and the types, such as pause() or setPoolPause(bool,uint40)", p.found())
	}
	if p.next(')') {
		return nil, 0, nil
	}
	for {
		field, n, err := p.field(depth)
		if err != nil {
			return nil, 0, err
		}
		field.Name = "f" + strconv.Itoa(len(fields)) // tuples are packed by the names of their fields
		fields, words = append(fields, field), words+n
		switch {
		case p.next(')'):
			return fields, words, nil
		case !p.next(','):
			return nil, 0, fmt.Errorf(", or ) expected after %s, and not %s: write types only, such as setPoolPause(bool,uint40)", field.Type, p.found())
		}
	}
}

func (p *typeParser) field(depth int) (field abi.ArgumentMarshaling, words int, err error) {
	if p.space(); strings.HasPrefix(p.rest, "(") {
		field.Type = "tuple"
		if field.Components, words, err = p.fields(depth + 1); err != nil {
			return field, 0, err
		}
		if len(field.Components) == 0 {
			return field, 0, fmt.Errorf("a tuple of nothing")
		}
	} else {
		words = 1
		if field.Type, err = elementary(p.take(word), p); err != nil {
			return field, 0, err
		}
	}
	for range maxDepth - depth {
		found := p.take(brackets)
		switch found {
		case "":
			return field, words, nil
		case "[]":
			words = 1
		default:
			n, err := strconv.Atoi(found[1 : len(found)-1])
			if err != nil || n == 0 {
				return field, 0, fmt.Errorf("an array of no elements")
			}
			if words *= n; words > maxElements {
				return field, 0, errElements
			}
		}
		field.Type += found
	}
	return field, words, nil
}

// elementary gives the type's name as it is hashed.
func elementary(name string, p *typeParser) (string, error) {
	switch name {
	case "":
		return "", fmt.Errorf("a type expected, and not %s", p.found())
	case "bool", "address", "string", "bytes":
		return name, nil
	case "uint", "int":
		return name + "256", nil
	}
	if fixedBytes.MatchString(name) {
		return name, nil
	}
	if m := integer.FindStringSubmatch(name); m != nil {
		if bits, err := strconv.Atoi(m[1]); err == nil && m[1][0] != '0' && bits%8 == 0 && bits <= 256 {
			return name, nil
		}
	}
	return "", fmt.Errorf("%s is not a type: use bool, address, string, bytes, bytes1 to bytes32, uint8 to uint256, int8 to int256, arrays and tuples of these", clipped(name))
}

func (p *typeParser) found() string {
	if p.space(); p.rest == "" {
		return "the end"
	}
	return clipped(p.rest)
}

// clipped quotes the beginning of a text, for a message.
func clipped(text string) string {
	const most = 60
	if len(text) > most {
		return strconv.Quote(text[:most]) + "..."
	}
	return strconv.Quote(text)
}

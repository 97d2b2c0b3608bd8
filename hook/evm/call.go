package evm

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/ethereum/go-ethereum/accounts/abi"
	"github.com/ethereum/go-ethereum/common"
)

// argumentError says which argument of a call is wrong.
type argumentError struct {
	index int // from 0; -1 when their number is wrong
	error
}

// encode gives the calldata of the function with arguments written as text, and the call as a person reads it.
// Its error is an argumentError.
func (s signature) encode(args []string) (data []byte, text string, err error) {
	if len(args) != len(s.inputs) {
		return nil, "", argumentError{-1, fmt.Errorf("%s takes %s, and %s given", s, plural(len(s.inputs), "argument"), areOf(len(args)))}
	}
	values, words := make([]any, len(args)), make([]string, len(args))
	for i, arg := range args {
		t := s.inputs[i].Type
		v, err := parseValue(t, arg)
		if err != nil {
			return nil, "", argumentError{i, fmt.Errorf("argument %d of %s is a %s: %w", i+1, s, t, err)}
		}
		values[i], words[i] = v.Interface(), shown(t, v)
	}
	packed, err := s.inputs.Pack(values...)
	if err != nil {
		return nil, "", argumentError{-1, fmt.Errorf("encode %s: %w", s, err)}
	}
	return append(s.selector(), packed...), s.name + "(" + strings.Join(words, ", ") + ")", nil
}

var errEmpty = errors.New("the answer is empty: no such function, or no contract")

// decode reads what the function returned, each value in the one form of its type. A signature that does not say what it
// returns is of one that answers a bool.
func (s signature) decode(data []byte) ([]string, error) {
	if len(data) == 0 {
		return nil, errEmpty
	}
	results := s.results()
	values, err := results.Unpack(data)
	if err != nil {
		return nil, fmt.Errorf("the answer is not (%s)", typeNames(results))
	}
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = formatValue(results[i].Type, reflect.ValueOf(v))
	}
	return texts, nil
}

func (s signature) results() abi.Arguments {
	if len(s.outputs) > 0 {
		return s.outputs
	}
	bool, err := abi.NewType("bool", "", nil)
	if err != nil {
		panic(err) // it is a type
	}
	return abi.Arguments{{Type: bool}}
}

// newCall makes a call of a contract.
func newCall(to common.Address, function string, args ...string) (Call, error) {
	s, err := parseSignature(function)
	if err != nil {
		return Call{}, fmt.Errorf("%s is not a signature: %w", clipped(function), err)
	}
	data, text, err := s.encode(args)
	return Call{To: to, Data: data, Text: text}, err
}

// reading is one value of a contract that is read.
type reading struct {
	call Call
	sig  signature
}

func newReading(to common.Address, function string, args ...string) (reading, error) {
	s, err := parseSignature(function)
	if err != nil {
		return reading{}, fmt.Errorf("%s is not a signature: %w", clipped(function), err)
	}
	data, text, err := s.encode(args)
	return reading{Call{To: to, Data: data, Text: text}, s}, err
}

// ask gives the values in the one form of their types: true, 14400, 0x5731....
func (q reading) ask(ctx context.Context, r Reader) ([]string, error) {
	data, err := r.Call(ctx, common.Address{}, q.call.To, q.call.Data)
	if err != nil {
		return nil, fmt.Errorf("read %s of %s: %w", q.call.Text, q.call.To, err)
	}
	values, err := q.sig.decode(data)
	if err != nil {
		return nil, fmt.Errorf("read %s of %s: %w", q.call.Text, q.call.To, err)
	}
	return values, nil
}

// canonical gives a value that may be read in the form that ask gives.
func (q reading) canonical(value string) (string, error) {
	t := q.sig.results()[0].Type
	v, err := parseValue(t, value)
	if err != nil {
		return "", fmt.Errorf("%s gives a %s: %w", q.call.Text, t, err)
	}
	return formatValue(t, v), nil
}

// look reads a contract once. The function and its arguments are the program's own.
func look(ctx context.Context, r Reader, of common.Address, function string, args ...string) ([]string, error) {
	q, err := newReading(of, function, args...)
	if err != nil {
		return nil, err
	}
	return q.ask(ctx, r)
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func areOf(n int) string {
	if n == 1 {
		return "1 is"
	}
	return fmt.Sprintf("%d are", n)
}

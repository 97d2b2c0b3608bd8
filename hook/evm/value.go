package evm

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/ethereum/go-ethereum/accounts/abi"
	"github.com/ethereum/go-ethereum/common"

	"headwatch/config"
)

const (
	maxValue = 64 << 10 // bytes of one argument's text
	maxShown = 200      // bytes of a value in a message
)

// parseValue reads a value of a type: true, 14400 or 0x3840, 0x and hex digits of an address or of bytes, a string as it is.
// Arrays and tuples are JSON arrays of these: [1, 2], ["0x5731...", true].
func parseValue(t abi.Type, text string) (reflect.Value, error) {
	if len(text) > maxValue {
		return reflect.Value{}, fmt.Errorf("longer than %d bytes", maxValue)
	}
	v := reflect.New(t.GetType()).Elem()
	switch t.T {
	case abi.BoolTy:
		if text != "true" && text != "false" {
			return v, fmt.Errorf("%s is neither true nor false", clipped(text))
		}
		v.SetBool(text == "true")
	case abi.UintTy, abi.IntTy:
		n, err := parseInteger(t, text)
		if err != nil {
			return v, err
		}
		switch v.Kind() {
		case reflect.Pointer:
			v.Set(reflect.ValueOf(n))
		case reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
			v.SetUint(n.Uint64())
		default:
			v.SetInt(n.Int64())
		}
	case abi.AddressTy:
		a, err := parseAddress(text)
		if err != nil {
			return v, err
		}
		v.Set(reflect.ValueOf(a))
	case abi.FixedBytesTy:
		b, err := parseBytes(text)
		if err != nil {
			return v, err
		}
		if len(b) != t.Size {
			return v, fmt.Errorf("%d bytes and not %d", len(b), t.Size)
		}
		reflect.Copy(v, reflect.ValueOf(b))
	case abi.BytesTy:
		b, err := parseBytes(text)
		if err != nil {
			return v, err
		}
		v.SetBytes(b)
	case abi.StringTy:
		if !utf8.ValidString(text) {
			return v, errors.New("not a text in UTF-8")
		}
		v.SetString(text)
	default:
		return parseList(t, text)
	}
	return v, nil
}

// parseList reads an array or a tuple.
func parseList(t abi.Type, text string) (reflect.Value, error) {
	v := reflect.New(t.GetType()).Elem()
	var items []json.RawMessage
	if err := json.Unmarshal([]byte(text), &items); err != nil || items == nil {
		return v, fmt.Errorf(`%s is not a list: write it as JSON, such as ["0x5731a04B1E775f0fdd454Bf70f3335886e9A96be", 2]`, clipped(text))
	}
	element, set := elements(t, v)
	switch {
	case t.T == abi.SliceTy:
		v.Set(reflect.MakeSlice(v.Type(), len(items), len(items)))
	case t.T == abi.ArrayTy && len(items) != v.Len():
		return v, fmt.Errorf("%d elements and not %d", len(items), v.Len())
	case t.T == abi.TupleTy && len(items) != v.NumField():
		return v, fmt.Errorf("%d fields and not %d", len(items), v.NumField())
	}
	for i, item := range items {
		text := string(item)
		if strings.HasPrefix(text, `"`) {
			if err := json.Unmarshal(item, &text); err != nil {
				return v, fmt.Errorf("element %d: not a text", i+1)
			}
		}
		e, err := parseValue(element(i), text)
		if err != nil {
			return v, fmt.Errorf("element %d (%s): %w", i+1, element(i), err)
		}
		set(i).Set(e)
	}
	return v, nil
}

// elements gives the type and the place of the elements of a list of type t that is kept in v.
func elements(t abi.Type, v reflect.Value) (element func(int) abi.Type, at func(int) reflect.Value) {
	if t.T == abi.TupleTy {
		return func(i int) abi.Type { return *t.TupleElems[i] }, v.Field
	}
	return func(int) abi.Type { return *t.Elem }, v.Index
}

// numberForm is a number as a person writes one; 2^256 has 78 digits.
var numberForm = regexp.MustCompile(`^-?(0x[0-9a-fA-F]{1,64}|0|[1-9][0-9]{0,77})$`)

func parseInteger(t abi.Type, text string) (*big.Int, error) {
	if !numberForm.MatchString(text) {
		return nil, fmt.Errorf("%s is not a whole number: write 14400 or 0x3840", clipped(text))
	}
	n, _ := new(big.Int).SetString(text, 0)
	least, most := new(big.Int), new(big.Int).Lsh(big.NewInt(1), uint(t.Size))
	if t.T == abi.IntTy {
		most.Rsh(most, 1)
		least.Neg(most)
	}
	most.Sub(most, big.NewInt(1))
	if n.Cmp(least) < 0 || n.Cmp(most) > 0 {
		return nil, fmt.Errorf("%s is out of range: %s to %s", text, least, most)
	}
	return n, nil
}

// parseAddress reads an address. One in mixed case carries a checksum, which must be right.
func parseAddress(text string) (common.Address, error) {
	if wrong, hint := config.AddressFault(text); wrong != "" {
		return common.Address{}, fmt.Errorf("%s %s: %s", clipped(text), wrong, hint)
	}
	return common.HexToAddress(text), nil
}

func parseBytes(text string) ([]byte, error) {
	digits, ok := strings.CutPrefix(text, "0x")
	b, err := hex.DecodeString(digits)
	if !ok || err != nil {
		return nil, fmt.Errorf("%s is not bytes: write 0x and two hex digits a byte", clipped(text))
	}
	return b, nil
}

// formatValue writes a value in the one form of it, which parseValue reads. The texts of a stranger's contract come through
// here: they are valid UTF-8 afterwards, and not yet fit for a log.
func formatValue(t abi.Type, v reflect.Value) string {
	switch t.T {
	case abi.AddressTy:
		return v.Interface().(common.Address).Hex()
	case abi.FixedBytesTy:
		b := make([]byte, v.Len())
		reflect.Copy(reflect.ValueOf(b), v)
		return "0x" + hex.EncodeToString(b)
	case abi.BytesTy:
		return "0x" + hex.EncodeToString(v.Bytes())
	case abi.StringTy:
		return strings.ToValidUTF8(v.String(), "\uFFFD")
	case abi.SliceTy, abi.ArrayTy, abi.TupleTy:
		element, at := elements(t, v)
		n := len(t.TupleElems)
		if t.T != abi.TupleTy {
			n = v.Len()
		}
		items := make([]string, n)
		for i := range items {
			items[i] = formatValue(element(i), at(i))
			switch element(i).T {
			case abi.AddressTy, abi.FixedBytesTy, abi.BytesTy, abi.StringTy:
				items[i] = jsonText(items[i])
			}
		}
		return "[" + strings.Join(items, ", ") + "]"
	}
	return fmt.Sprint(v.Interface()) // bool, uint8 to uint64, *big.Int
}

// items gives the elements of an array of addresses in its one form.
func items(list string) (elements []string, err error) {
	err = json.Unmarshal([]byte(list), &elements)
	return elements, err
}

func jsonText(s string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		panic(err) // a string always encodes
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// shown is a value for a person: quoted when it is a text, and not longer than a line.
func shown(t abi.Type, v reflect.Value) string {
	s := formatValue(t, v)
	if t.T == abi.StringTy {
		s = strconv.Quote(s)
	}
	if len(s) > maxShown {
		s = strings.ToValidUTF8(s[:maxShown], "") + "..."
	}
	return s
}

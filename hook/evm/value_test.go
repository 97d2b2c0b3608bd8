package evm

import (
	"math/big"
	"reflect"
	"strings"
	"testing"

	"github.com/ethereum/go-ethereum/accounts/abi"
)

func typeOf(t testing.TB, name string) abi.Type {
	t.Helper()
	s, err := parseSignature("f(" + name + ")")
	if err != nil {
		t.Fatal(err)
	}
	return s.inputs[0].Type
}

func TestAValueIsOfItsType(t *testing.T) {
	most := new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 256), big.NewInt(1)).String()
	for _, c := range []struct{ kind, text, want string }{
		{"bool", "true", "true"},
		{"bool", "false", "false"},
		{"bool", "1", `! "1" is neither true nor false`},
		{"bool", "", `! "" is neither true nor false`},
		{"uint8", "255", "255"},
		{"uint8", "256", "! 256 is out of range: 0 to 255"},
		{"uint8", "-1", "! -1 is out of range: 0 to 255"},
		{"uint8", "007", `! "007" is not a whole number: write 14400 or 0x3840`},
		{"uint40", "0x3840", "14400"},
		{"uint40", "1099511627775", "1099511627775"},
		{"uint40", "1099511627776", "! 1099511627776 is out of range: 0 to 1099511627775"},
		{"uint40", "1e3", `! "1e3" is not a whole number: write 14400 or 0x3840`},
		{"uint256", most, most},
		{"uint256", "1" + strings.Repeat("0", 78), `! "1000`},
		{"int8", "-128", "-128"},
		{"int8", "128", "! 128 is out of range: -128 to 127"},
		{"int8", "-129", "! -129 is out of range: -128 to 127"},
		{"int64", "-0x10", "-16"},
		{"int256", "-1", "-1"},
		{"address", configurator, configurator},
		{"address", strings.ToLower(configurator), configurator},
		{"address", "0x" + strings.ToUpper(configurator[2:]), configurator},
		{"address", strings.Replace(configurator, "B1E", "b1E", 1), "has a wrong checksum"},
		{"address", configurator[2:], "is not an address"},
		{"address", "vitalik.eth", "is not an address"},
		{"bytes4", "0x8456cb59", "0x8456cb59"},
		{"bytes4", "0x8456cb", "! 3 bytes and not 4"},
		{"bytes4", "8456cb59", `! "8456cb59" is not bytes: write 0x and two hex digits a byte`},
		{"bytes", "0x", "0x"},
		{"bytes", "0xabc", `! "0xabc" is not bytes: write 0x and two hex digits a byte`},
		{"string", "", ""},
		{"string", "a \"b\" é", "a \"b\" é"},
		{"string", "\xff", "! not a text in UTF-8"},
		{"string", strings.Repeat("x", maxValue+1), "! longer than 65536 bytes"},
		{"uint8[]", "[]", "[]"},
		{"uint8[]", "[1, 2,3]", "[1, 2, 3]"},
		{"uint8[]", `["1", "0x2"]`, "[1, 2]"},
		{"uint8[]", "[1, 256]", "! element 2 (uint8): 256 is out of range: 0 to 255"},
		{"uint8[]", "1, 2", `! "1, 2" is not a list: write it as JSON`},
		{"uint8[]", "null", `! "null" is not a list: write it as JSON`},
		{"uint8[2]", "[1]", "! 1 elements and not 2"},
		{"(bool,string)", `[true, "x, \"y\""]`, `[true, "x, \"y\""]`},
		{"(bool,string)", `[true]`, `! 1 fields and not 2`},
		{"(bool,string)", `{"a": true}`, `! "{\"a\": true}" is not a list: write it as JSON`},
		{"(address,bytes4,uint40)[2]", `[["` + configurator + `", "0x01020304", 5], ["` + configurator + `", "0x00000000", "0"]]`, `[["` + configurator + `", "0x01020304", 5], ["` + configurator + `", "0x00000000", 0]]`},
	} {
		kind := typeOf(t, c.kind)
		v, err := parseValue(kind, c.text)
		if want, bad := strings.CutPrefix(c.want, "! "); bad || err != nil {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s %.80q: %v, want %s", c.kind, c.text, err, want)
			}
			continue
		}
		if got := formatValue(kind, v); got != c.want {
			t.Errorf("%s %q: %s, want %s", c.kind, c.text, got, c.want)
		}
	}
}

// What a value says to a contract is what its one form says, and what comes back from the contract reads the same.
func FuzzValue(f *testing.F) {
	for _, c := range [][2]string{
		{"bool", "true"},
		{"uint40", "14400"},
		{"int8", "-1"},
		{"address", configurator},
		{"bytes4", "0x8456cb59"},
		{"bytes", "0x00"},
		{"string", "x"},
		{"uint8[]", "[1,2]"},
		{"(bool,string)[2]", `[[true,"a"],[false,"b"]]`},
		{"int256[][1]", "[[-1]]"},
		{"string[]", `["\ud800"]`},
	} {
		f.Add(c[0], c[1])
	}
	f.Fuzz(func(t *testing.T, kind, text string) {
		s, err := parseSignature("f(" + kind + ")")
		if err != nil || len(s.inputs) != 1 {
			return
		}
		data, _, err := s.encode([]string{text})
		if err != nil {
			return
		}
		back := signature{outputs: s.inputs}
		form, err := back.decode(data[4:])
		if err != nil {
			t.Fatalf("%s %q: %v", kind, text, err)
		}
		again, _, err := s.encode(form)
		if err != nil || !reflect.DeepEqual(again, data) {
			t.Errorf("%s %q is %q, which is not the same: %v", kind, text, form, err)
		}
	})
}

// Whatever a contract answers.
func FuzzAnswer(f *testing.F) {
	f.Add("f()(bool)", []byte{1})
	f.Add("f()(string,uint8[],(bytes,bool)[2])", make([]byte, 256))
	f.Fuzz(func(t *testing.T, function string, data []byte) {
		s, err := parseSignature(function)
		if err != nil {
			return
		}
		values, err := s.decode(data)
		if err == nil && len(values) != len(s.results()) {
			t.Errorf("%s gives %q", function, values)
		}
	})
}

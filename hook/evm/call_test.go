package evm

import (
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"github.com/ethereum/go-ethereum/common"
)

const configurator = "0x5731a04B1E775f0fdd454Bf70f3335886e9A96be"

func TestACallIsEncodedFromItsSignatureAndTexts(t *testing.T) {
	const address = "0000000000000000000000005731a04b1e775f0fdd454bf70f3335886e9a96be"
	word := func(n int) string { return fmt.Sprintf("%064x", n) }
	one := word(1)
	for _, c := range []struct {
		function   string
		args       []string
		data, text string
	}{
		{"pause()", nil, "8456cb59", "pause()"},
		{"setPoolPause(bool,uint40)", []string{"true", "14400"}, "12bc3f61" + one + word(0x3840), "setPoolPause(true, 14400)"},
		{"setPoolPause( bool , uint40 )", []string{"true", "0x3840"}, "12bc3f61" + one + word(0x3840), "setPoolPause(true, 14400)"},
		{"setReservePause(address,bool)", []string{strings.ToLower(configurator), "true"}, "48d9fba9" + address + one, "setReservePause(" + configurator + ", true)"},
		{"f(uint)", []string{"1"}, "b3de648b" + one, "f(1)"},
		{"f(int8)", []string{"-1"}, "0a9a2963" + strings.Repeat("f", 64), "f(-1)"},
		{"pause(string)", []string{"it's \"late\"\n"}, "6da66355" + word(0x20) + word(12) + hex.EncodeToString([]byte("it's \"late\"\n")) + strings.Repeat("00", 20), `pause("it's \"late\"\n")`},
		{"supportsInterface(bytes4)", []string{"0x8456cb59"}, "01ffc9a7" + "8456cb59" + strings.Repeat("0", 56), "supportsInterface(0x8456cb59)"},
		{"aggregate3((address,bool,bytes)[])", []string{`[["` + configurator + `", "true", "0x8456cb59"]]`}, "82ad56cb" + word(0x20) + one + word(0x20) + address + one + word(0x60) + word(4) + "8456cb59" + strings.Repeat("0", 56), `aggregate3([["` + configurator + `", true, "0x8456cb59"]])`},
		{"f((address,bool)[2])", []string{`[["` + configurator + `", true], ["` + configurator + `", "false"]]`}, "b4eb1316" + address + one + address + word(0), `f([["` + configurator + `", true], ["` + configurator + `", false]])`},
	} {
		call, err := newCall(common.HexToAddress(configurator), c.function, c.args...)
		if err != nil {
			t.Errorf("%s: %v", c.function, err)
			continue
		}
		if got := hex.EncodeToString(call.Data); got != c.data {
			t.Errorf("%s %q:\ngot  %s\nwant %s", c.function, c.args, got, c.data)
		}
		if call.Text != c.text {
			t.Errorf("%s: %s, want %s", c.function, call.Text, c.text)
		}
	}
}

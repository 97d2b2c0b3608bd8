package evm

import (
	"encoding/hex"
	"strings"
	"testing"
)

// The selectors of calls that stop DeFi contracts, as keccak-256 gives them in other tools.
var selectors = map[string]string{
	"pause()": "8456cb59", "unpause()": "3f4ba83a", "paused()": "5c975abb", "setPaused(bool)": "16c38b3c", "pause(string)": "6da66355",
	"pause(address)": "76a67a51", "unpause(address)": "57b001f9", "extend(address)": "82005715", "paused(address)": "2e48152c",
	"pauseAll()": "595c6a67", "pause(bool,bool,bool,bool,bool)": "44c35d07", "pauseGuardian()": "24a3d622", "setPoolPause(bool)": "7641f3d9",
	"setPoolPause(bool,uint40)": "12bc3f61", "setReservePause(address,bool)": "48d9fba9", "setReservePause(address,bool,uint40)": "b42d793b",
	"setReserveFreeze(address,bool)": "96e957c4", "setGracePeriod(uint256)": "f2f65960", "isBorrowAllowed()": "49aa2e81",
	"isLiquidationAllowed()": "7a5d20ea", "setTargetClosed(address,bool)": "167bd395", "latestRoundData()": "feaf968c",
	"updateStatus(bool,uint64)": "ed8378f5", "setGuard(address)": "e19a9dd9", "execTransactionFromModule(address,uint256,bytes,uint8)": "468721a7",
	"setModuleGuard(address)": "e068df37", "_setMintPaused(address,bool)": "3bcf7ec1", "_setBorrowPaused(address,bool)": "18c882a5",
	"_setTransferPaused(bool)": "8ebf6364", "_setSeizePaused(bool)": "2d70db78", "isRateLimited()": "20e3ee98",
	"markAsNotOperational()": "d1c190c0", "setPause(bool)": "bedb86fb", "emergencyPause()": "51858e27",
	"transfer(address,uint256)": "a9059cbb",
}

func TestASignatureHasItsSelector(t *testing.T) {
	for text, want := range selectors {
		s, err := parseSignature(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := hex.EncodeToString(s.selector()); got != want || s.String() != text {
			t.Errorf("%s is %s with selector %s, want %s", text, s, got, want)
		}
	}
}

func TestEveryCallOfAPresetHasAKnownSelector(t *testing.T) {
	for _, p := range presets {
		for _, x := range p.patterns {
			if selectors[x.call] == "" {
				t.Errorf("%s: the selector of %s is checked nowhere", p.name, x.call)
			}
		}
	}
}

func TestASignatureHasOneForm(t *testing.T) {
	for text, want := range map[string]string{
		" f ( bool , uint ) ":            "f(bool,uint256)",
		"f(int,uint[3][],bytes32[2])":    "f(int256,uint256[3][],bytes32[2])",
		"f((address,(bool,int8)[2])[4])": "f((address,(bool,int8)[2])[4])",
		"balanceOf(address)(uint256)":    "balanceOf(address)",
		"_$1()":                          "_$1()",
	} {
		s, err := parseSignature(text)
		if err != nil || s.String() != want {
			t.Errorf("%s: %s, %v, want %s", text, s, err, want)
		}
	}
}

func TestWhatIsNoSignatureIsRefusedWithTheReason(t *testing.T) {
	for text, want := range map[string]string{
		"":                                   `no name of a function: ""`,
		"0x8456cb59":                         `no name of a function: "0x8456cb59"`,
		"pause":                              `( expected, and not the end: write the name and the types, such as pause() or setPoolPause(bool,uint40)`,
		"pause(":                             `a type expected, and not the end`,
		"pause(,bool)":                       `a type expected, and not ",bool)"`,
		"pause(bool":                         `, or ) expected after bool, and not the end: write types only, such as setPoolPause(bool,uint40)`,
		"setPoolPause(bool paused)":          `, or ) expected after bool, and not "paused)": write types only, such as setPoolPause(bool,uint40)`,
		"function pause()":                   `( expected, and not "pause()"`,
		"pause() external":                   `( expected, and not "external"`,
		"pause()()":                          `returns nothing: leave the empty brackets out`,
		"pause()(bool) view":                 `"view" is left over: write types only, such as setPoolPause(bool,uint40)`,
		"f(uint7)":                           `"uint7" is not a type: use bool, address, string, bytes, bytes1 to bytes32, uint8 to uint256, int8 to int256, arrays and tuples of these`,
		"f(uint08)":                          `"uint08" is not a type`,
		"f(uint264)":                         `"uint264" is not a type`,
		"f(bytes33)":                         `"bytes33" is not a type`,
		"f(boolean)":                         `"boolean" is not a type`,
		"f(tuple)":                           `"tuple" is not a type`,
		"f(function)":                        `"function" is not a type`,
		"f(())":                              `a tuple of nothing`,
		"f(bool[0])":                         `an array of no elements`,
		"f(bool[)":                           `, or ) expected after bool, and not "[)"`,
		"f(bool[99999])":                     `, or ) expected after bool, and not "[99999])"`,
		"f(bool[9999])":                      `arrays of more than 1024 elements in all`,
		"f(bool[33][32])":                    `arrays of more than 1024 elements in all`,
		"f(bool[600],bool[600])":             `arrays of more than 1024 elements in all`,
		"f(bool[][][][][])":                  `, or ) expected after bool[][][][], and not "[])"`,
		"f((((((bool))))))":                  `types deeper than 4 levels`,
		"f(bool)" + strings.Repeat(" ", 600): `longer than 512 characters`,
		strings.Repeat("x", 100):             `( expected, and not the end: write the name and the types, such as pause() or setPoolPause(bool,uint40)`,
	} {
		if _, err := parseSignature(text); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}

func FuzzSignature(f *testing.F) {
	for text := range selectors {
		f.Add(text)
	}
	f.Add("f((address,(bool,int8)[2])[4],uint[][3])(bytes32,string)")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := parseSignature(text)
		if err != nil {
			return
		}
		again, err := parseSignature(s.String())
		if err != nil || again.String() != s.String() || len(again.inputs) != len(s.inputs) {
			t.Errorf("%q is %s, and that is %s, %v", text, s, again, err)
		}
	})
}

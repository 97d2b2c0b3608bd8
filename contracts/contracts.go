// Package contracts holds the compiled contracts of this repository: the uptime feed, and those that the devnet runs. What
// is in out/ is made from the Solidity sources beside it by `make contracts`, and never edited.
//
// The package must not import anything of this project, nor know a chain: it hands out what the compiler wrote.
package contracts

import (
	_ "embed" // for the files of the compiler
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
)

var (
	//go:embed out/HeadwatchUptimeFeed.json
	headwatchUptimeFeed string
	//go:embed out/GracePeriodConsumer.json
	gracePeriodConsumer string
	//go:embed out/DevL1Block.json
	devL1Block string
	//go:embed out/DevPortal.json
	devPortal string
	//go:embed out/Market.json
	market string
)

// Contract is one compiled contract.
type Contract struct {
	ABI              json.RawMessage // as the compiler writes it, for go-ethereum's abi.JSON
	Bytecode         []byte          // runs once, to deploy it; the constructor's arguments follow
	DeployedBytecode []byte          // the code at its address, with zeros for what the constructor fixes ("immutable")
	Compiler         string          // exact version of solc
}

// HeadwatchUptimeFeed is the uptime feed of an L2's sequencer. Its constructor takes (address owner, address updater, uint64
// lease): see README.md beside the sources.
func HeadwatchUptimeFeed() Contract { return decode(headwatchUptimeFeed) }

// GracePeriodConsumer is the example of a contract that reads such a feed. Its constructor takes (address feed, uint256
// gracePeriod).
func GracePeriodConsumer() Contract { return decode(gracePeriodConsumer) }

// DevL1Block is what an L2 of the devnet knows of L1.
func DevL1Block() Contract { return decode(devL1Block) }

// DevPortal is the portal of the devnet, where deposits are made on L1.
func DevPortal() Contract { return decode(devPortal) }

// Market is the pausable market of the devnet. Its constructor takes (address admin, address pauser).
func Market() Contract { return decode(market) }

// decode panics only if a file that was compiled into the program is not what `make contracts` writes.
func decode(file string) Contract {
	var out struct {
		ABI              json.RawMessage `json:"abi"`
		Bytecode         string          `json:"bytecode"`
		DeployedBytecode string          `json:"deployedBytecode"`
		Compiler         string          `json:"compiler"`
	}
	if err := json.Unmarshal([]byte(file), &out); err != nil {
		panic(fmt.Errorf("read a compiled contract: %w", err))
	}
	code := func(text string) []byte {
		b, err := hex.DecodeString(strings.TrimPrefix(text, "0x"))
		if err != nil {
			panic(fmt.Errorf("read a contract's code: %w", err))
		}
		return b
	}
	return Contract{out.ABI, code(out.Bytecode), code(out.DeployedBytecode), out.Compiler}
}

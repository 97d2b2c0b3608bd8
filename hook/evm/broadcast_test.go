package evm

import (
	"errors"
	"fmt"
	"testing"
)

func TestWhatNodesSayToATransaction(t *testing.T) {
	for words, want := range map[string]answer{
		// geth, op-geth, erigon, reth
		"already known": known,
		"nonce too low: address 0xf39F, tx: 4 state: 5": nonceTooLow,
		"nonce too high":                      nonceTooHigh,
		"replacement transaction underpriced": underpriced,
		"replacement transaction underpriced: new tx gas fee cap 5 <= 7 queued":                 underpriced,
		"transaction underpriced: tip needed 1000000, tip permitted 1":                          feeTooLow,
		"transaction gas price below minimum: gas tip cap 0, minimum needed 1":                  feeTooLow,
		"insufficient funds for gas * price + value: balance 0, tx cost 21000, overshot 21000":  unfunded,
		"insufficient funds for gas * price + value":                                            unfunded,
		"tx fee (3.00 ether) exceeds the configured cap (1.00 ether)":                           feeCapped,
		"max fee per gas less than block base fee: address 0xf39F, maxFeePerGas: 1, baseFee: 2": feeTooLow,
		"existing tx with same hash":                                                            known,
		"could not replace existing tx":                                                         underpriced,
		"txpool is full":                                                                        refused,
		"exceeds block gas limit":                                                               refused,
		// besu
		"Known transaction":                            known,
		"Nonce too low":                                nonceTooLow,
		"Replacement transaction underpriced":          underpriced,
		"Upfront cost exceeds account balance":         unfunded,
		"Gas price below configured minimum gas price": feeTooLow,
		"Transaction fee cap exceeded":                 feeCapped,
		// nethermind
		"AlreadyKnown": known,
		"OldNonce, Current nonce: 5, nonce of rejected tx: 4": nonceTooLow,
		"OwnNonceAlreadyUsed":                                           underpriced,
		"ReplacementNotAllowed":                                         underpriced,
		"NonceGap, Future nonce. Expected nonce: 5":                     nonceTooHigh,
		"InsufficientFunds, Account balance: 0, cumulative cost: 21000": unfunded,
		"FeeTooLow, MaxFeePerGas too low. MaxFeePerGas: 1, BaseFee: 2, MaxPriorityFeePerGas:1, Block number: 7": feeTooLow,
		"FeeTooLowToCompete": feeTooLow,
	} {
		if got := judge(fmt.Errorf("a: %w", &rejection{-32000, words})); got != want {
			t.Errorf("%q means %s, want %s", words, got, want)
		}
	}
	for err, want := range map[error]answer{
		nil:                             accepted,
		errors.New("a: unreachable"):    unreachable,
		&Reverted{}:                     refused,
		fmt.Errorf("%w", errOtherChain): elsewhere,
	} {
		if got := judge(err); got != want {
			t.Errorf("%v means %s, want %s", err, got, want)
		}
	}
}

func TestOneNodeIsEnoughForABroadcast(t *testing.T) {
	some := taken{"a": unreachable, "b": known}
	if !some.any() || some.trouble("0x1") != "" || some.String() != "a: unreachable, b: already known" {
		t.Errorf("%s: %t, %q", some, some.any(), some.trouble("0x1"))
	}
	none := taken{"a": unreachable, "b": unfunded}
	if none.any() || none.trouble("0x1") != "account 0x1 has not enough for gas" {
		t.Errorf("%s: %t, %q", none, none.any(), none.trouble("0x1"))
	}
}

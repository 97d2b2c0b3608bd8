package evm

import (
	"testing"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
)

func TestAContractOnL1HasAnotherAddressOnL2(t *testing.T) {
	for l1, l2 := range map[string]string{
		// The L1CrossDomainMessenger of OP Mainnet, and the sender of what it relays there.
		"0x25ace71c97B33Cc4729CF772ae268934F7ab5fA1": "0x36BDE71C97B33Cc4729cf772aE268934f7AB70B2",
		"0x0000000000000000000000000000000000000000": "0x1111000000000000000000000000000000001111",
		// The sum leaves 160 bits.
		"0xffffffffffffffffffffffffffffffffffffffff": "0x1111000000000000000000000000000000001110",
	} {
		if got := Alias(common.HexToAddress(l1)); got != common.HexToAddress(l2) {
			t.Errorf("%s: %s, want %s", l1, got, l2)
		}
	}
}

func TestOnlyContractsSendUnderAnotherAddress(t *testing.T) {
	a := common.HexToAddress("0x70997970C51812dc3A010C7d01b50e0d17dc79C8")
	for _, c := range []struct {
		who  string
		code []byte
		want common.Address
	}{
		{"a plain account", nil, a},
		{"one delegated by EIP-7702", types.AddressToDelegation(common.Address{1}), a},
		{"a contract", []byte{0x60, 0x80}, Alias(a)},
		{"a contract of 23 bytes", make([]byte, 23), Alias(a)},
		{"a contract that begins like a delegation", append(types.AddressToDelegation(common.Address{1}), 0), Alias(a)},
	} {
		if got := SenderOnL2(a, c.code); got != c.want {
			t.Errorf("%s: %s, want %s", c.who, got, c.want)
		}
	}
}

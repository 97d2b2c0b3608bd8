package main

import (
	"encoding/json"
	"fmt"
	"math/big"
	"net/http"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/common/hexutil"
	"github.com/ethereum/go-ethereum/core/types"

	"headwatch/devnet"
)

// signerGate is where what the signer signed is seen.
const signerGate = "signer"

// sign is a signer in another process that takes its time.
func (o *ordeal) sign(w http.ResponseWriter, r *http.Request) {
	var c call
	if json.NewDecoder(r.Body).Decode(&c) != nil {
		panic(http.ErrAbortHandler)
	}
	if c.Method == "eth_accounts" {
		fmt.Fprintf(w, `{"jsonrpc":"2.0","id":%s,"result":[%q]}`, c.ID, guardianAddress().Hex())
		return
	}
	var asked struct {
		To      *common.Address `json:"to"`
		Gas     hexutil.Uint64  `json:"gas"`
		MaxFee  *hexutil.Big    `json:"maxFeePerGas"`
		Tip     *hexutil.Big    `json:"maxPriorityFeePerGas"`
		Value   *hexutil.Big    `json:"value"`
		Nonce   hexutil.Uint64  `json:"nonce"`
		Data    hexutil.Bytes   `json:"data"`
		ChainID *hexutil.Big    `json:"chainId"`
	}
	if c.Method != "eth_signTransaction" || len(c.Params) != 1 || json.Unmarshal(c.Params[0], &asked) != nil {
		o.wrong("the signer was asked for %s", c.Method)
		panic(http.ErrAbortHandler)
	}
	o.strike(onSigning)
	time.Sleep(o.storm.signer)
	tx, err := types.SignNewTx(devnet.GuardianKey(), types.LatestSignerForChainID(asked.ChainID.ToInt()), &types.DynamicFeeTx{
		ChainID: asked.ChainID.ToInt(), Nonce: uint64(asked.Nonce), To: asked.To, Gas: uint64(asked.Gas), Data: asked.Data,
		GasFeeCap: asked.MaxFee.ToInt(), GasTipCap: asked.Tip.ToInt(), Value: new(big.Int).Set(asked.Value.ToInt()),
	})
	if err != nil {
		o.wrong("sign: %v", err)
		panic(http.ErrAbortHandler)
	}
	raw, err := tx.MarshalBinary()
	if err != nil {
		o.wrong("encode what was signed: %v", err)
		panic(http.ErrAbortHandler)
	}
	o.saw(sent{gate: signerGate, chain: asked.ChainID.ToInt().Int64(), tx: tx, at: time.Now()})
	fmt.Fprintf(w, `{"jsonrpc":"2.0","id":%s,"result":%q}`, c.ID, hexutil.Encode(raw))
}

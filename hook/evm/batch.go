package evm

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/ethereum/go-ethereum/crypto"
)

// batch is a file of the Safe transaction builder (safe-global/safe-react-apps, apps/tx-builder/src/typings/models.ts).
type batch struct {
	Version      string       `json:"version"`
	ChainID      string       `json:"chainId"`
	CreatedAt    int64        `json:"createdAt"` // in ms
	Meta         batchMeta    `json:"meta"`
	Transactions []batchEntry `json:"transactions"`
}

type batchMeta struct {
	Name        string `json:"name"`
	Description string `json:"description"`
	Builder     string `json:"txBuilderVersion"`
	Safe        string `json:"createdFromSafeAddress"` // "" for any
	Owner       string `json:"createdFromOwnerAddress"`
	Checksum    string `json:"checksum,omitempty"`
}

// batchEntry carries the data as it is: the builder shows it in hex, and does not encode anything again.
type batchEntry struct {
	To     string  `json:"to"`
	Value  string  `json:"value"`
	Data   string  `json:"data"`
	Method *string `json:"contractMethod"`
	Inputs *string `json:"contractInputsValues"`
}

// WriteBatch writes a transaction as a file that the Safe transaction builder takes.
func WriteBatch(out io.Writer, hook string, t Transaction, now time.Time) error {
	b := batch{
		Version: "1.0", ChainID: strconv.FormatUint(t.ChainID, 10), CreatedAt: now.UnixMilli(),
		Meta:         batchMeta{Name: hook, Description: t.Text, Builder: "1.18.0", Safe: t.From},
		Transactions: []batchEntry{{To: t.To, Value: t.Value, Data: t.Data.String()}},
	}
	sum, err := b.checksum()
	if err != nil {
		return err
	}
	b.Meta.Checksum = sum
	e := json.NewEncoder(out)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(b)
}

// checksum is by apps/tx-builder/src/lib/checksum.ts: without the name of the batch. The builder warns of a file whose checksum is
// wrong or missing.
func (b batch) checksum() (string, error) {
	data, err := json.Marshal(b)
	if err != nil {
		return "", fmt.Errorf("write the batch: %w", err)
	}
	return batchChecksum(data)
}

func batchChecksum(file []byte) (string, error) {
	d := json.NewDecoder(bytes.NewReader(file))
	d.UseNumber()
	var tree map[string]any
	if err := d.Decode(&tree); err != nil {
		return "", fmt.Errorf("read the batch: %w", err)
	}
	if meta, ok := tree["meta"].(map[string]any); ok {
		meta["name"] = nil
	}
	return crypto.Keccak256Hash([]byte(serialized(tree))).Hex(), nil
}

// serialized is the form that is hashed: of an object its sorted keys as a list, then its values, each with a comma.
func serialized(v any) string {
	switch v := v.(type) {
	case []any:
		var list []byte
		for i, e := range v {
			if i > 0 {
				list = append(list, ',')
			}
			list = append(list, serialized(e)...)
		}
		return "[" + string(list) + "]"
	case map[string]any:
		keys := slices.Sorted(maps.Keys(v))
		text := "{["
		for i, k := range keys {
			if i > 0 {
				text += ","
			}
			text += jsonText(k)
		}
		text += "]"
		for _, k := range keys {
			text += serialized(v[k]) + ","
		}
		return text + "}"
	case string:
		return jsonText(v)
	case nil:
		return "null"
	}
	return fmt.Sprint(v) // a number or a bool
}

package watcher

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
)

// judged are the fields of an answer that anything here reads. All others stay out of a recording.
var judged = []string{
	"number", "hash", "parentHash", "timestamp", "gasUsed", "l1BlockNumber", "tx_count",
	"unsafe_l2", "safe_l2", "finalized_l2", "head_l1", "current_l1", "safe_l1", "finalized_l1",
	"l1origin", "l2_chain_id", "seq_window_size", "input",
}

const (
	maxDigits = 2 + 2*attributesLen // of a text in a recording
	maxNested = 4                   // objects within objects of an answer
)

// cutDown leaves of an answer what is judged: numbers, truth values, and texts that are numbers or hashes, none of which
// holds a secret. What is left decodes to the same as the answer.
func (s secrets) cutDown(answer json.RawMessage) json.RawMessage {
	decoder := json.NewDecoder(bytes.NewReader(answer))
	decoder.UseNumber()
	var whole any
	if err := decoder.Decode(&whole); err != nil {
		return json.RawMessage("null") // it was decoded before, by whoever judged it
	}
	return raw(s.keep(whole, 0))
}

// keep gives nil for what does not stay.
func (s secrets) keep(v any, depth int) any {
	switch v := v.(type) {
	case bool:
		return v
	case json.Number:
		return v
	case string:
		v = v[:min(len(v), maxDigits)] // of a longer one the end is not read
		if isDigits(v) && s.redact(v) == v {
			return v
		}
	case map[string]any:
		if depth >= maxNested {
			return nil
		}
		kept := make(map[string]any, len(judged))
		for name, value := range v {
			if name == "transactions" {
				name, value = "tx_count", counted(value)
			}
			if slices.Contains(judged, name) {
				if value = s.keep(value, depth+1); value != nil {
					kept[name] = value
				}
			}
		}
		if len(kept) > 0 || depth == 0 {
			return kept
		}
	}
	return nil
}

// counted gives the number of a list's elements; a list that condense shortened is one already.
func counted(v any) any {
	if list, ok := v.([]any); ok {
		return json.Number(raw(len(list)))
	}
	return v
}

// isDigits reports whether a text is a number or a hash.
func isDigits(text string) bool {
	digits, hexadecimal := strings.CutPrefix(text, "0x")
	return !strings.ContainsFunc(digits, func(c rune) bool {
		decimal := c >= '0' && c <= '9'
		return !decimal && !(hexadecimal && (c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'))
	})
}

package watcher

import (
	"bytes"
	"strconv"
)

// bulky are the fields of a block that are nine tenths of an answer and of which at most their length is wanted.
var bulky = [][]byte{[]byte(`"transactions":`), []byte(`"withdrawals":`), []byte(`"logsBloom":`)}

// condense shortens the bulky fields within the same memory, before the rpc client goes through the whole four times.
// What is left is what recordings have, and decodes to the same block.
func condense(body []byte) []byte {
	for _, key := range bulky {
		body = shorten(body, key)
	}
	return body
}

// shorten puts in the place of a field's value, wherever it occurs, the number of its elements if it is a list, and
// nothing if it is a text. Another value, and all after one that has no end, stays.
func shorten(body, key []byte) []byte {
	kept, from := 0, 0
	for {
		at := bytes.Index(body[from:], key)
		if at < 0 {
			break
		}
		at += from + len(key)
		short, length := digest(body[at:])
		if length == 0 {
			break
		}
		kept += copy(body[kept:], body[from:at])
		kept += copy(body[kept:], short)
		from = at + length
	}
	return append(body[:kept], body[from:]...)
}

// digest gives what stands for the value that b begins with, and the value's length; 0 when it is to stay.
func digest(b []byte) (short string, length int) {
	if n, length, ok := elements(b); ok {
		return strconv.Itoa(n), length
	}
	if len(b) > 0 && b[0] == '"' {
		if end := stringEnd(b[1:]); end >= 0 {
			return `""`, end + 2
		}
	}
	return "", 0
}

// count is a number of transactions: written as such, or the transactions themselves.
type count struct {
	n     int
	known bool
}

// UnmarshalJSON never refuses: a list that is no list was not counted.
func (c *count) UnmarshalJSON(b []byte) error {
	if n, _, ok := elements(b); ok {
		*c = count{n, true}
	} else if n, err := strconv.Atoi(string(b)); err == nil && n >= 0 {
		*c = count{n, true}
	}
	return nil
}

// elements counts the elements of the JSON array that b begins with, without building them, and tells its length in b.
func elements(b []byte) (n, length int, ok bool) {
	depth, empty := 0, true
	for i := 0; i < len(b); i++ {
		switch c := b[i]; c {
		case ' ', '\t', '\r', '\n':
			continue
		case '[', '{':
			depth++
			if depth == 1 {
				if c != '[' {
					return 0, 0, false
				}
				continue
			}
		case ']', '}':
			depth--
			if depth == 0 {
				if !empty {
					n++
				}
				return n, i + 1, true
			}
		case ',':
			if depth == 1 {
				n++
			}
		case '"':
			end := stringEnd(b[i+1:])
			if end < 0 {
				return 0, 0, false
			}
			i += 1 + end
		}
		if depth == 0 {
			return 0, 0, false
		}
		empty = false
	}
	return 0, 0, false
}

// stringEnd is the index of the quote that ends the JSON string whose content b begins with, or -1.
func stringEnd(b []byte) int {
	for from := 0; ; {
		quote := bytes.IndexByte(b[from:], '"')
		if quote < 0 {
			return -1
		}
		quote += from
		escapes := 0
		for escapes < quote && b[quote-1-escapes] == '\\' {
			escapes++
		}
		if escapes%2 == 0 {
			return quote
		}
		from = quote + 1
	}
}

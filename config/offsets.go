package config

import "github.com/pelletier/go-toml/v2/unstable"

// offsetsOf gives the byte offset of every key, list item and table header of a valid TOML document. The decoder proper
// says where an unknown key is, but not where a known one with an impossible value is.
func offsetsOf(data []byte) map[path]int {
	x := index{offsets: map[path]int{}, elements: map[path]int{}}
	var table path
	var p unstable.Parser
	p.Reset(data)
	for p.NextExpression() {
		e := p.Expression()
		keys := e.Key()
		keys.Next()
		offset := int(keys.Node().Raw.Offset)
		switch e.Kind {
		case unstable.KeyValue:
			x.nested(x.descend(table, e.Key(), offset), e.Value(), 0)
		case unstable.Table:
			table = x.descend("", e.Key(), headerStart(data, offset))
		case unstable.ArrayTable:
			start := headerStart(data, offset)
			list := x.descend("", e.Key(), start)
			table = list.item(x.elements[list])
			x.elements[list]++
			x.note(table, start)
		}
	}
	return x.offsets
}

type index struct {
	offsets  map[path]int
	elements map[path]int // how many elements an array of tables has so far
}

// tooDeep is deeper than any key of the configuration: what is nested further needs no position of its own.
const tooDeep = 8

// descend follows a dotted key from a table. Where it crosses an array of tables it means the latest element.
func (x *index) descend(at path, keys unstable.Iterator, offset int) path {
	for depth := 0; keys.Next() && depth < tooDeep; depth++ {
		if n := x.elements[at]; n > 0 {
			at = at.item(n - 1)
		}
		at = at.key(string(keys.Node().Data))
		x.note(at, offset)
	}
	return at
}

func (x *index) nested(at path, v *unstable.Node, depth int) {
	if depth == tooDeep {
		return
	}
	children, i := v.Children(), 0
	for children.Next() {
		child := children.Node()
		switch v.Kind {
		case unstable.InlineTable:
			keys := child.Key()
			keys.Next()
			key := x.descend(at, child.Key(), int(keys.Node().Raw.Offset))
			x.nested(key, child.Value(), depth+1)
		case unstable.Array:
			item := at.item(i)
			if child.Raw.Length > 0 {
				x.note(item, int(child.Raw.Offset))
			}
			x.nested(item, child, depth+1)
			i++
		}
	}
}

// note keeps the first place of a path: the header of the first element stands for the whole list.
func (x *index) note(at path, offset int) {
	if _, ok := x.offsets[at]; !ok {
		x.offsets[at] = offset
	}
}

// headerStart goes from the first key of a table header back to its bracket. TOML allows nothing else before it on the line.
func headerStart(data []byte, offset int) int {
	start := offset
	for start > 0 && data[start-1] != '\n' {
		start--
	}
	for data[start] == ' ' || data[start] == '\t' {
		start++
	}
	return start
}

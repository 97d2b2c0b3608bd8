package config

import (
	"strconv"
	"strings"
)

// path names a place in a configuration file: chain[0].endpoint[1].url. The empty path is the file itself.
type path string

func (p path) key(k string) path {
	if p == "" {
		return path(k)
	}
	return p + "." + path(k)
}

func (p path) item(i int) path { return p + path("["+strconv.Itoa(i)+"]") }

func (p path) parent() path { return p[:max(0, strings.LastIndexAny(string(p), ".["))] }

// last is the key at the end of the path, without the number of a list's item.
func (p path) last() string {
	s, _, _ := strings.Cut(string(p[strings.LastIndexByte(string(p), '.')+1:]), "[")
	return s
}

// number is the one-based number of a list's item, 0 when the path does not end in one.
func (p path) number() int {
	i := strings.LastIndexByte(string(p), '[')
	if i < 0 || !strings.HasSuffix(string(p), "]") {
		return 0
	}
	n, err := strconv.Atoi(string(p[i+1 : len(p)-1]))
	if err != nil {
		return 0
	}
	return n + 1
}

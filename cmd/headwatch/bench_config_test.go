package main

import (
	"bytes"
	"net"
	"testing"
	"text/template"
	"time"
)

// benchConfig is the configuration of a program that watches a played network.
type benchConfig struct {
	API      string
	Stage    *stage
	Chains   []played // the L1 first
	Push     bool
	Interval string
	Circuits []benchCircuit
	Receiver string // of the circuits' hooks; "" for no hooks
	Journal  string // "" for beside the configuration
}

type benchCircuit struct {
	Name                      string
	Chain                     uint64
	Warn, Page, Trip, Recover time.Duration
}

// l1 is the id of a network's L1.
const l1 = 1

var benchTOML = template.Must(template.New("config").Parse(`
{{if .Journal}}[journal]
dir = "{{.Journal}}"
{{end}}
[api]
listen = "{{.API}}"

[[alert]]
name = "terminal"
kind = "console"
{{range $chain := .Chains}}
[[chain]]
name = "{{.ID}}"
chain_id = {{.ID}}
block_time = "1s"
{{if eq .ID 1}}kind = "evm"{{else}}kind = "op-stack"
l1 = "1"{{end}}
{{range $i, $address := $.Stage.Addresses}}
[[chain.endpoint]]
name = "{{$i}}"
url = "http://{{$address}}/{{$chain.ID}}"
{{if and $.Push (not $chain.Polled)}}ws = "ws://{{$address}}/{{$chain.ID}}"{{end}}
interval = "{{$.Interval}}"
{{end}}{{end}}
{{range .Circuits}}
[[circuit]]
name = "{{.Name}}"
chain = "{{.Chain}}"
warn_after = "{{.Warn}}"
page_after = "{{.Page}}"
trip_after = "{{.Trip}}"
recover_after = "{{.Recover}}"
alerts = ["terminal"]
{{if $.Receiver}}hooks = ["{{.Name}}"]

[[hook]]
name = "{{.Name}}"
kind = "webhook"
mode = "armed"
url = "{{$.Receiver}}"
secrets = ["whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="]
{{end}}{{end}}`))

func (c benchConfig) text(b *testing.B) []byte {
	b.Helper()
	var text bytes.Buffer
	if err := benchTOML.Execute(&text, c); err != nil {
		b.Fatal(err)
	}
	return text.Bytes()
}

// freeAddress is one that nobody listens on at the moment.
func freeAddress(b *testing.B) string {
	b.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

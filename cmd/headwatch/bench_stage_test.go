package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"testing"
)

// stage is another process that plays chains.
type stage struct {
	Addresses []string
	orders    *json.Encoder
	answers   *json.Decoder
}

// startStage starts the network; it ends with the returned function.
func startStage(b *testing.B, chains []played) (s *stage, end func()) {
	b.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), playNet+"=1")
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	end = func() {
		_ = in.Close()
		if err := cmd.Wait(); err != nil {
			b.Errorf("the network ended with %v", err)
		}
	}
	s = &stage{orders: json.NewEncoder(in), answers: json.NewDecoder(out)}
	if err := s.orders.Encode(chains); err != nil {
		b.Fatal(err)
	}
	if err := s.answers.Decode(&s.Addresses); err != nil {
		b.Fatal(err)
	}
	return s, end
}

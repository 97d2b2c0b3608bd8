package main

import (
	"io"
	"testing"

	"go.uber.org/zap"

	"headwatch/config"
	"headwatch/web"
)

// What the check lets pass must be able to run: the reference configuration is wired as `headwatch run` would wire it.
func TestTheReferenceConfigurationCanBeWired(t *testing.T) {
	cfg, err := config.Load("../../config.toml")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := wire(cfg, nil, nil, zap.NewNop()); err != nil {
		t.Error(err)
	}
	if _, err := openChannels(cfg, io.Discard, nil, web.NewMetrics(cfg), zap.NewNop()); err != nil {
		t.Error(err)
	}
}

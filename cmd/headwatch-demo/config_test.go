package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"headwatch/config"
	"headwatch/devnet"
)

func TestTheConfigurationIsOneThatHeadwatchTakes(t *testing.T) {
	chains, err := devnet.New(devnet.Config{Users: users})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := chains.Run(t.Context()); err != nil { // which is over, so that it only closes them
			t.Error(err)
		}
	})
	dir := t.TempDir()
	setting, err := newSetting(dir, chains, &street{url: "http://127.0.0.1:1"})
	if err != nil {
		t.Fatal(err)
	}
	path, err := setting.write()
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := config.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	hook := cfg.Hook(pauseHook)
	if hook == nil || hook.Mode != config.ModeArmed || hook.Via != config.ViaL1Deposit || !strings.EqualFold(hook.To, chains.Market().Hex()) {
		t.Errorf("the pause hook is %+v", hook)
	}
	err = filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			if info, err := d.Info(); err != nil || info.Mode().Perm()&0o077 != 0 {
				t.Errorf("others may read %s: %v, %v", path, info.Mode(), err)
			}
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}

	setting.guardian = nil // as the victims of the crash tests, who would share the guardian's account
	if path, err = setting.write(); err != nil {
		t.Fatal(err)
	}
	if cfg, err = config.Load(path); err != nil || cfg.Hook(pauseHook) != nil {
		t.Errorf("without a guardian: %v, %+v", err, cfg)
	}
}

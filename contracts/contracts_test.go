package contracts

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
)

func TestEveryCompiledContractCanBeHandedOut(t *testing.T) {
	all := map[string]Contract{
		"HeadwatchUptimeFeed": HeadwatchUptimeFeed(),
		"GracePeriodConsumer": GracePeriodConsumer(),
		"DevL1Block":          DevL1Block(),
		"DevPortal":           DevPortal(),
		"Market":              Market(),
	}
	files, err := filepath.Glob("out/*.json")
	if err != nil || len(files) != len(all) {
		t.Errorf("%d compiled files, %d contracts, %v", len(files), len(all), err)
	}
	for name, c := range all {
		if len(c.Bytecode) <= len(c.DeployedBytecode) || len(c.DeployedBytecode) == 0 || !strings.HasPrefix(c.Compiler, "0.8.") {
			t.Errorf("%s: %d bytes deploy %d, by compiler %q", name, len(c.Bytecode), len(c.DeployedBytecode), c.Compiler)
		}
		var abi []struct{ Type string }
		if err := json.Unmarshal(c.ABI, &abi); err != nil || len(abi) == 0 {
			t.Errorf("%s: ABI of %d entries, %v", name, len(abi), err)
		}
	}
}

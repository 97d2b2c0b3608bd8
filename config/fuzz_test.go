package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// FuzzParse gives every environment variable the same secret. Whatever the file says, it appears in no fault, no warning
// and no print of the configuration, and every fault has a place.
func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("testdata/*.toml")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range append(files, reference) {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add(altered(map[string]string{"#end": operator + "token = \"${KEY}\""}))
	f.Add(altered(map[string]string{"#chain": "[[chain.endpoint]]\nurl = \"https://${HOST}/${KEY}\"\nws = \"${KEY}\""}))
	f.Add(altered(map[string]string{"#end": "[journal]\nurl = \"nats://${KEY}@h,${KEY}\""}))
	const secret = "https://host.example/pLaNtEd"
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := Parse("t", data, func(string) (string, bool) { return secret, true })
		var shown string
		if err == nil {
			shown = fmt.Sprintf("%v %+v %#v %q", c, c, c, c.Warnings())
		} else {
			shown = err.Error()
			var bad *Error
			if !errors.As(err, &bad) || len(bad.Faults) == 0 {
				t.Fatalf("%v is no list of faults", err)
			}
			for _, fault := range bad.Faults {
				if fault.File != "t" || fault.Line < 1 || fault.Column < 1 || fault.Problem == "" {
					t.Fatalf("a fault without a place: %+v", fault)
				}
			}
		}
		if strings.Contains(shown, "pLaNtEd") && !strings.Contains(string(data), "pLaNtEd") {
			t.Fatalf("the secret is shown in %s", shown)
		}
	})
}

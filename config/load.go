package config

import (
	"fmt"
	"io"
	"os"
	"reflect"
)

// Check is what another package has to say against a complete configuration: it calls fault for each thing that could not
// work, with the path of its key as in Fault.Key. The configuration may have other faults.
type Check func(c *Config, fault func(key, problem, hint string))

// Load reads, completes and checks a configuration file. What is wrong with its content comes as one *Error with every
// fault in it, those of the checks too; a file that cannot be read gives another error.
func Load(path string, checks ...Check) (*Config, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read configuration: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("read configuration: %w", err)
	}
	return Parse(path, data, os.LookupEnv, checks...)
}

// Parse is Load on bytes in hand. Messages call the file by name; relative paths in it are relative to name's directory.
// getenv is os.LookupEnv or stands in for it.
func Parse(name string, data []byte, getenv func(string) (string, bool), checks ...Check) (*Config, error) {
	d := newDocument(name, data, getenv)
	if err := d.err(); err != nil {
		return nil, err
	}
	c := &Config{Path: name}
	d.decode("", d.tree, reflect.ValueOf(c).Elem())
	d.complete(c)
	d.check(c)
	for _, check := range checks {
		check(c, func(key, problem, hint string) { d.fault(path(key), problem, hint) })
	}
	if err := d.err(); err != nil {
		return nil, err
	}
	c.warnings = d.warnings(c)
	return c, nil
}

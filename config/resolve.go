package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
)

// maxSecretFile bounds the file of one secret.
const maxSecretFile = 64 << 10

var (
	dollar   = regexp.MustCompile(`\$(?:\$|\{[^}]*\})?`)
	variable = regexp.MustCompile(`^\$\{([A-Za-z_][A-Za-z0-9_]*)\}$`)
)

// expand replaces each ${NAME} of a secret by that environment variable and each $$ by a dollar. Every other dollar is a
// fault, so that nobody takes a reference for granted that was not one. No fault repeats any of the text but a name.
func (d *document) expand(at path, text string) Secret {
	d.literal[at] = !strings.Contains(text, "${")
	key := at.last()
	value := dollar.ReplaceAllStringFunc(text, func(ref string) string {
		if ref == "$$" {
			return "$"
		}
		name := variable.FindStringSubmatch(ref)
		if name == nil {
			d.fault(at, key+" has a dollar that begins no variable", "write ${NAME} for an environment variable and $$ for a dollar")
			return ""
		}
		value, set := d.getenv(name[1])
		switch {
		case !set:
			d.fault(at, fmt.Sprintf("%s needs the environment variable %s, which is not set", key, name[1]), "")
		case value == "":
			d.fault(at, fmt.Sprintf("%s needs the environment variable %s, which is empty", key, name[1]), "")
		}
		return value
	})
	if d.faulty[at] {
		return Secret{}
	}
	return NewSecret(value)
}

// decodeSecretFile fills a secret, or a list of them with one a line, from the file that KEY_file names.
func (d *document) decodeSecretFile(table path, key string, values map[string]any, to reflect.Value) {
	value, ok := values[key+"_file"]
	if !ok {
		return
	}
	at := table.key(key + "_file")
	name, ok := value.(string)
	if !ok {
		d.mismatch(at, value, reflect.TypeFor[string]())
		return
	}
	if _, both := values[key]; both {
		d.fault(at, fmt.Sprintf("%s and %s are both given", key, at.last()), "keep one of them")
		return
	}
	text, err := readSecret(d.relative(name))
	if err != nil {
		d.fault(at, fmt.Sprintf("%s %q: %v", at.last(), name, err), "")
		return
	}
	if to.Type() == secretType {
		to.Set(reflect.ValueOf(NewSecret(text)))
		return
	}
	var list []Secret
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			list = append(list, NewSecret(line))
		}
	}
	to.Set(reflect.ValueOf(list))
}

// relative places a path that is relative to the configuration file.
func (d *document) relative(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(filepath.Dir(d.name), name)
}

// readSecret gives a file's content without its last newline. Its errors hold neither content nor path.
func readSecret(name string) (string, error) {
	b, err := ReadPrivate(name)
	if err != nil {
		return "", err
	}
	text := strings.TrimSuffix(strings.TrimSuffix(string(b), "\n"), "\r")
	if strings.TrimSpace(text) == "" {
		return "", errors.New("empty")
	}
	return text, nil
}

// ReadPrivate gives the content of a regular file of at most 64 KiB that not everybody on this machine has access to. Its
// errors hold neither content nor path.
func ReadPrivate(name string) ([]byte, error) {
	if err := private(name); err != nil {
		return nil, err
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, bare(err)
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxSecretFile+1))
	if err != nil {
		return nil, bare(err)
	}
	if len(b) > maxSecretFile {
		return nil, errors.New("larger than 64 KiB")
	}
	return b, nil
}

// private gives nil for a regular file that not everybody has access to.
func private(name string) error {
	info, err := os.Stat(name)
	if err != nil {
		return bare(err)
	}
	switch mode := info.Mode(); {
	case !mode.IsRegular():
		return errors.New("not a regular file")
	case mode&0o007 != 0:
		return fmt.Errorf("everybody on this machine has access to it (mode %#o): chmod o= it", mode.Perm())
	}
	return nil
}

// bare leaves the path out of a file error: the fault shows it as it was written.
func bare(err error) error {
	var e *fs.PathError
	if errors.As(err, &e) {
		return e.Err
	}
	return err
}

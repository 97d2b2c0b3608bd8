package config

import (
	"encoding"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"headwatch"
)

var (
	secretType  = reflect.TypeFor[Secret]()
	secretsType = reflect.TypeFor[[]Secret]()
)

// decode puts a value of the file into a field. It walks the tree itself because the library's decoder stops at the first
// wrong type, while a person wants to hear of all of them at once.
func (d *document) decode(at path, from any, to reflect.Value) {
	switch v := to.Addr().Interface().(type) {
	case *Secret:
		if text, ok := from.(string); ok {
			*v = d.expand(at, text)
			return
		}
	case *headwatch.Level:
		if text, ok := from.(string); ok {
			d.choice(at, text, levels)
			_ = v.UnmarshalText([]byte(text)) // the choice has been checked
			return
		}
	case encoding.TextUnmarshaler:
		if text, ok := from.(string); ok && v.UnmarshalText([]byte(text)) == nil {
			return
		}
	default:
		if d.decodeKind(at, from, to) {
			return
		}
	}
	d.mismatch(at, from, to.Type())
}

// decodeKind decodes what is no type of ours; false means that the file has another type there.
func (d *document) decodeKind(at path, from any, to reflect.Value) bool {
	switch to.Kind() {
	case reflect.Struct:
		values, ok := from.(map[string]any)
		if ok {
			d.decodeTable(at, values, to)
		}
		return ok
	case reflect.Slice:
		items, ok := from.([]any)
		if ok {
			list := reflect.MakeSlice(to.Type(), len(items), len(items))
			for i, item := range items {
				d.decode(at.item(i), item, list.Index(i))
			}
			to.Set(list)
		}
		return ok
	case reflect.Map:
		values, ok := from.(map[string]any)
		if ok {
			table := reflect.MakeMapWithSize(to.Type(), len(values))
			for name, value := range values {
				item := reflect.New(to.Type().Elem()).Elem()
				d.decode(at.key(name), value, item)
				table.SetMapIndex(reflect.ValueOf(name), item)
			}
			to.Set(table)
		}
		return ok
	case reflect.String:
		text, ok := from.(string)
		to.SetString(text)
		return ok
	case reflect.Bool:
		yes, ok := from.(bool)
		to.SetBool(yes)
		return ok
	case reflect.Int:
		n, ok := from.(int64)
		to.SetInt(n)
		return ok
	case reflect.Uint64:
		n, ok := from.(int64)
		to.SetUint(uint64(max(0, n)))
		return ok && n >= 0
	default:
		return false
	}
}

func (d *document) decodeTable(at path, values map[string]any, to reflect.Value) {
	d.entitle(at, values)
	d.prepare(at, values, to.Addr().Interface())
	var known []string
	for i := range to.NumField() {
		key := to.Type().Field(i).Tag.Get("toml")
		if key == "" || key == "-" {
			continue
		}
		known = append(known, key)
		if t := to.Field(i).Type(); t == secretType || t == secretsType {
			known = append(known, key+"_file")
			d.decodeSecretFile(at, key, values, to.Field(i))
		}
		if value, ok := values[key]; ok {
			d.decode(at.key(key), value, to.Field(i))
		}
	}
	for _, key := range slices.Sorted(maps.Keys(values)) {
		if !slices.Contains(known, key) {
			d.fault(at.key(key), fmt.Sprintf("%q is not a key", key), DidYouMean(key, known))
		}
	}
}

// mismatch shows a value only where the field cannot hold a secret.
func (d *document) mismatch(at path, from any, to reflect.Type) {
	is := "a date"
	switch v := from.(type) {
	case string:
		is = "a string"
		if to == reflect.TypeFor[Duration]() || to == reflect.TypeFor[Size]() || to == reflect.TypeFor[Ether]() {
			is = fmt.Sprintf("%q", v)
			if strings.HasPrefix(v, "-") {
				is += ", which is negative"
			}
		}
	case int64:
		is = "a number"
		if v < 0 {
			is = "a negative number"
		}
	case float64:
		is = "a number with a fraction"
	case bool:
		is = "a boolean"
	case []any:
		is = "a list"
	case map[string]any:
		is = "a table"
	}
	want, hint := expected(to, at.last())
	d.fault(at, fmt.Sprintf("%s is %s, not %s", at.last(), is, want), hint)
}

// expected says what a field takes, and how that is written.
func expected(t reflect.Type, key string) (want, hint string) {
	switch t {
	case reflect.TypeFor[Duration]():
		return "a duration", `write it with its unit and in quotes, such as "90s", "5m", "36h" or "90d"`
	case reflect.TypeFor[Ether]():
		return "an amount of ether", `write it with its unit and in quotes, such as "0.5 ETH" or "200 gwei"`
	case reflect.TypeFor[Size]():
		return "a size", `write it with its unit and in quotes, such as "512MiB", "1GiB" or "100MB"`
	case secretType, reflect.TypeFor[headwatch.Level]():
		return "a string", "put it in quotes"
	}
	switch t.Kind() {
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Struct && t.Elem() != secretType {
			return "a list of tables", fmt.Sprintf("write [[%s]]", key)
		}
		return "a list", fmt.Sprintf(`write %s = ["..."]`, key)
	case reflect.Struct, reflect.Map:
		return "a table", ""
	case reflect.String:
		return "a string", "put it in quotes"
	case reflect.Bool:
		return "a boolean", "write true or false, without quotes"
	case reflect.Uint64:
		return "a positive whole number", "write it without quotes, sign or fraction"
	default:
		return "a whole number", "write it without quotes, sign or fraction"
	}
}

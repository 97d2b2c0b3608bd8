package headwatch

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	docLink    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	docHeading = regexp.MustCompile(`(?m)^#+ (.+)$`)
	notAnchor  = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
)

// anchors are the places of a document that a link may name, as GitHub makes them of its headings.
func anchors(document string) map[string]bool {
	all := map[string]bool{}
	for _, m := range docHeading.FindAllStringSubmatch(document, -1) {
		text := docLink.ReplaceAllString(m[1], "") // the words of a link stay, its address goes
		all[strings.ReplaceAll(notAnchor.ReplaceAllString(strings.ToLower(text), ""), " ", "-")] = true
	}
	return all
}

func TestEveryLinkOfTheDocumentsLeadsSomewhere(t *testing.T) {
	documents, err := filepath.Glob("docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range append(documents, "README.md", "CONTRIBUTING.md") {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range docLink.FindAllStringSubmatch(string(data), -1) {
			file, anchor, _ := strings.Cut(m[1], "#")
			if strings.Contains(m[1], "://") {
				continue
			}
			if file = filepath.Join(filepath.Dir(path), file); strings.HasPrefix(m[1], "#") {
				file = path
			}
			if _, err := os.Stat(file); err != nil {
				t.Errorf("%s: %s does not exist", path, m[1])
				continue
			}
			if anchor == "" || !strings.HasSuffix(file, ".md") {
				continue
			}
			target, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if !anchors(string(target))[anchor] {
				t.Errorf("%s: %s has no such heading", path, m[1])
			}
		}
	}
}

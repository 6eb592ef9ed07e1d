package scenario

import (
	"embed"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
)

//go:embed library/*.yaml
var library embed.FS

// Names lists the scenarios that come with kubemint, in alphabetical order.
func Names() []string {
	entries, err := fs.ReadDir(library, "library")
	if err != nil {
		panic("scenario: reading the embedded library: " + err.Error())
	}
	var names []string
	for _, entry := range entries {
		names = append(names, strings.TrimSuffix(entry.Name(), ".yaml"))
	}
	slices.Sort(names)
	return names
}

// Load reads a scenario: one of the library by its name, or a file by a path
// that ends in .yaml or .yml. The error of an unknown name wraps
// [fs.ErrNotExist].
func Load(name string) (*Scenario, error) {
	if strings.HasSuffix(name, ".yaml") || strings.HasSuffix(name, ".yml") {
		content, err := os.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("reading scenario: %w", err)
		}
		return Parse(name, content)
	}
	file := "library/" + name + ".yaml"
	content, err := library.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("reading scenario %s: %w", name, fs.ErrNotExist)
	}
	return Parse(file, content)
}

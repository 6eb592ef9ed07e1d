package cli

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/kubemint/kubemint/internal/vault"
)

// banner is a heading between equals signs, as wide as what is below it or a little wider.
func banner(title string, width int) string {
	n := width - len(title) - 2
	if n <= 0 {
		n = 4
	}
	side := strings.Repeat("=", (n+1)/2)
	return side + " " + title + " " + side
}

// over is a banner over a table.
func over(title string, rows map[string]any) string {
	longest := 0
	for k := range rows {
		longest = max(longest, len(k))
	}
	return banner(title, longest+len("    Value"))
}

// table prints keys and values in two columns.
func (r *run) table(rows map[string]any) {
	r.rows("", slices.Sorted(maps.Keys(rows)), rows)
}

func (r *run) rows(title string, keys []string, rows map[string]any) {
	width := len("Key")
	for _, k := range keys {
		width = max(width, len(k))
	}
	if title != "" {
		fmt.Fprintln(r.Out, title)
	}
	fmt.Fprintf(r.Out, "%-*s    Value\n%-*s    -----\n", width, "Key", width, "---")
	for _, k := range keys {
		fmt.Fprintf(r.Out, "%-*s    %s\n", width, k, cell(rows[k]))
	}
}

// cell is a value as a table shows it.
func cell(v any) string {
	switch v := v.(type) {
	case nil:
		return "<nil>"
	case string:
		if v == "" {
			return "n/a"
		}
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case []any:
		words := make([]string, len(v))
		for i := range v {
			words[i] = cell(v[i])
		}
		return "[" + strings.Join(words, " ") + "]"
	case []string:
		return "[" + strings.Join(v, " ") + "]"
	}
	return fmt.Sprint(v)
}

// raw prints one field, and nothing else: no end of line that was not stored.
func (r *run) raw(data map[string]any) int {
	v, ok := data[r.field]
	if !ok {
		return r.wrong("Field %q not present in secret", r.field)
	}
	text, ok := v.(string)
	if !ok || r.format == "json" {
		b, _ := json.Marshal(v) //nolint:errchkjson // it came as JSON
		text = string(b)
	}
	if r.Terminal {
		text += "\n"
	}
	fmt.Fprint(r.Out, text)
	return 0
}

// json prints an answer for programs.
func (r *run) json(v any) int {
	e := json.NewEncoder(r.Out)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	if e.Encode(v) != nil {
		return 1
	}
	return 0
}

// envelope is an answer as JSON.
func envelope(a vault.Answer) any {
	e := struct {
		RequestID     string         `json:"request_id"`
		LeaseID       string         `json:"lease_id"`
		LeaseDuration int            `json:"lease_duration"`
		Renewable     bool           `json:"renewable"`
		Data          map[string]any `json:"data"`
		Warnings      []string       `json:"warnings"`
		Auth          *vault.Auth    `json:"auth,omitempty"`
	}{RequestID: a.RequestID, Data: a.Data, Auth: a.Auth}
	return e
}

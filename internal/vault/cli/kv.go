package cli

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/kubemint/kubemint/internal/vault"
)

// path is a secret's path as the API has it: secret/data/NAME of secret/NAME.
func (r *run) path(kind string) string {
	mount, name := strings.Trim(r.mount, "/"), strings.Trim(r.args[0], "/")
	if mount == "" {
		mount, name, _ = strings.Cut(name, "/")
	}
	return strings.TrimSuffix(mount+"/"+kind+"/"+name, "/")
}

func (r *run) kvPut() int {
	if !r.count(1, -1) {
		return 1
	}
	data, code := r.given(r.args[1:], "Must supply data")
	if code != 0 {
		return code
	}
	path := r.path("data")
	body := map[string]any{"data": data, "options": map[string]any{}}
	if r.cas >= 0 {
		body["options"] = map[string]any{"cas": r.cas}
	}
	a, ok := r.ask("Error writing data to "+path, vault.Request{Method: http.MethodPut, Path: path, Data: body})
	switch {
	case !ok:
		return 2
	case r.field != "":
		return r.raw(a.Data)
	case r.format == "json":
		return r.json(envelope(a))
	}
	fmt.Fprintf(r.Out, "%s\n%s\n\n", banner("Secret Path", len(path)), path)
	r.metadata(a.Data)
	return 0
}

func (r *run) metadata(m map[string]any) {
	fmt.Fprintln(r.Out, over("Metadata", m))
	r.table(m)
}

func (r *run) kvGet() int {
	if !r.count(1, 1) {
		return 1
	}
	path := r.path("data")
	a, ok := r.ask("Error reading "+path, vault.Request{Method: http.MethodGet, Path: path, Version: r.version})
	if !ok {
		return 2
	}
	if a.Code == http.StatusNotFound {
		fmt.Fprintf(r.Err, "No value found at %s\n", path)
		return 2
	}
	data, _ := a.Data["data"].(map[string]any)
	metadata, _ := a.Data["metadata"].(map[string]any)
	switch {
	case r.field != "" && data == nil:
		fmt.Fprintf(r.Err, "No data found at %s\n", path)
		return 2
	case r.field != "":
		return r.raw(data)
	case r.format == "json":
		return r.json(envelope(a))
	}
	fmt.Fprintf(r.Out, "%s\n%s\n\n", banner("Secret Path", len(path)), path)
	r.metadata(metadata)
	if data != nil {
		fmt.Fprintf(r.Out, "\n%s\n", over("Data", data))
		r.table(data)
	}
	return 0
}

func (r *run) kvList() int {
	if !r.count(1, 1) {
		return 1
	}
	return r.listAt(r.path("metadata"))
}

func (r *run) list() int {
	if !r.count(1, 1) {
		return 1
	}
	return r.listAt(strings.Trim(r.args[0], "/"))
}

func (r *run) listAt(path string) int {
	a, ok := r.ask("Error listing "+path, vault.Request{Method: "LIST", Path: path})
	if !ok {
		return 2
	}
	names, _ := a.Data["keys"].([]any)
	if len(names) == 0 {
		fmt.Fprintf(r.Err, "No value found at %s\n", path)
		return 2
	}
	if r.format == "json" {
		return r.json(names)
	}
	fmt.Fprintln(r.Out, "Keys\n----")
	for _, n := range names {
		fmt.Fprintln(r.Out, n)
	}
	return 0
}

func (r *run) kvDelete() int {
	if !r.count(1, 1) {
		return 1
	}
	return r.deleteAt(r.path("data"))
}

func (r *run) remove() int {
	if !r.count(1, 1) {
		return 1
	}
	return r.deleteAt(strings.Trim(r.args[0], "/"))
}

func (r *run) deleteAt(path string) int {
	if _, ok := r.ask("Error deleting "+path, vault.Request{Method: http.MethodDelete, Path: path}); !ok {
		return 2
	}
	fmt.Fprintf(r.Out, "Success! Data deleted (if it existed) at: %s\n", path)
	return 0
}

package vault

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"
)

// secret is one path of KV version 2: its newest versions, oldest first.
type secret struct {
	Versions []version `json:"versions"`
}

type version struct {
	Number  int            `json:"number"`
	Data    map[string]any `json:"data"`
	Created time.Time      `json:"created"`
	Deleted *time.Time     `json:"deleted,omitempty"`
}

// last is the number of the newest version; 0: there is none.
func (s secret) last() int {
	if len(s.Versions) == 0 {
		return 0
	}
	return s.Versions[len(s.Versions)-1].Number
}

func (v version) metadata() map[string]any {
	m := map[string]any{"created_time": v.Created.UTC().Format(time.RFC3339Nano), "custom_metadata": nil, "deletion_time": "", "destroyed": false, "version": v.Number}
	if v.Deleted != nil {
		m["deletion_time"] = v.Deleted.UTC().Format(time.RFC3339Nano)
	}
	return m
}

// data is secret/data/NAME.
func (v *Vault) data(_ context.Context, r Request, name string) Answer {
	switch r.Method {
	case http.MethodGet:
		return v.now.Load().read(name, r.Version)
	case http.MethodPut:
		return v.put(r, name)
	case http.MethodDelete:
		return v.change(func(s *state) *Answer {
			old := s.Secrets[name]
			if i := len(old.Versions) - 1; i >= 0 && old.Versions[i].Deleted == nil {
				old.Versions = slices.Clone(old.Versions)
				now := v.cfg.Now()
				old.Versions[i].Deleted, old.Versions[i].Data = &now, nil
				s.Secrets[name] = old
			}
			return &Answer{Code: http.StatusNoContent}
		})
	}
	return refuse(http.StatusMethodNotAllowed, "unsupported operation")
}

func (s *state) read(name string, number int) Answer {
	found := s.Secrets[name]
	if number == 0 {
		number = found.last()
	}
	for _, v := range found.Versions {
		if v.Number != number {
			continue
		}
		a := Answer{Code: http.StatusOK, Data: map[string]any{"data": nil, "metadata": v.metadata()}}
		if v.Deleted == nil {
			a.Data["data"] = v.Data
		}
		return a
	}
	return refuse(http.StatusNotFound)
}

func (v *Vault) put(r Request, name string) Answer {
	data, ok := r.Data["data"].(map[string]any)
	if !ok {
		return refuse(http.StatusBadRequest, "no data provided")
	}
	want := -1
	if options, ok := r.Data["options"].(map[string]any); ok {
		switch n := options["cas"].(type) {
		case float64:
			want = int(n)
		case int:
			want = n
		}
	}
	return v.change(func(s *state) *Answer {
		old := s.Secrets[name]
		if want >= 0 && want != old.last() {
			a := refuse(http.StatusBadRequest, "check-and-set parameter did not match the current version")
			return &a
		}
		next := version{Number: old.last() + 1, Data: deepCopy(data), Created: v.cfg.Now()}
		old.Versions = append(slices.Clone(old.Versions), next)
		if extra := len(old.Versions) - maxVersions; extra > 0 {
			old.Versions = slices.Clone(old.Versions[extra:])
		}
		s.Secrets[name] = old
		return &Answer{Code: http.StatusOK, Data: next.metadata()}
	})
}

// deepCopy is data that the caller has no hold of. It came as JSON.
func deepCopy(data map[string]any) map[string]any {
	b, _ := json.Marshal(data) //nolint:errchkjson // it came as JSON
	var out map[string]any
	_ = json.Unmarshal(b, &out)
	return out
}

// list is secret/metadata/FOLDER: the names in it, folders with a slash.
func (v *Vault) list(_ context.Context, r Request, folder string) Answer {
	if r.Method != "LIST" {
		return refuse(http.StatusMethodNotAllowed, "unsupported operation")
	}
	if folder != "" {
		folder += "/"
	}
	var names []string
	for name := range v.now.Load().Secrets {
		if rest, ok := strings.CutPrefix(name, folder); ok {
			first, _, deeper := strings.Cut(rest, "/")
			if deeper {
				first += "/"
			}
			names = append(names, first)
		}
	}
	return keys(names)
}

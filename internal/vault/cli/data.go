package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// MaxInput bounds what is read for one request.
const MaxInput = 256 << 10

// given reads the KEY=VALUE words of a command, of which there must be some: else it says none, and code is not 0.
func (r *run) given(words []string, none string) (data map[string]any, code int) {
	data, err := r.pairs(words)
	if err != nil {
		return nil, r.wrong("Failed to parse K=V data: %v", err)
	}
	if len(data) == 0 {
		return nil, r.wrong("%s", none)
	}
	return data, 0
}

// pairs reads KEY=VALUE words. VALUE may be @FILE, or - for the input; a word of its own that is @FILE or - is JSON.
func (r *run) pairs(words []string) (map[string]any, error) {
	out := map[string]any{}
	consumed, size := false, 0
	read := func(source string) (string, error) {
		var b []byte
		var err error
		if source == "-" {
			if consumed {
				return "", errors.New("stdin already consumed")
			}
			consumed = true
			b, err = io.ReadAll(io.LimitReader(r.In, MaxInput+1))
		} else {
			b, err = r.ReadFile(source[1:])
		}
		if err != nil {
			return "", fmt.Errorf("error reading file: %w", err)
		}
		if size += len(b); size > MaxInput {
			return "", fmt.Errorf("more than %d bytes", MaxInput)
		}
		return string(b), nil
	}
	for _, w := range words {
		key, value, ok := strings.Cut(w, "=")
		switch {
		case w == "":
			continue
		case !ok && (w == "-" || w[0] == '@'):
			text, err := read(w)
			if err != nil {
				return nil, err
			}
			var more map[string]any
			if json.Unmarshal([]byte(text), &more) != nil {
				return nil, errors.New("the input is no JSON object") // what it is may be a secret
			}
			for k, v := range more {
				out[k] = v
			}
			continue
		case !ok:
			return nil, errors.New("format must be key=value")
		case value == "-" || strings.HasPrefix(value, "@"):
			text, err := read(value)
			if err != nil {
				return nil, err
			}
			value = text
		case strings.HasPrefix(value, `\@`):
			value = value[1:]
		}
		out[key] = value
	}
	return out, nil
}

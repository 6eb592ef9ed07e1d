package scenario

import (
	"fmt"
	"strings"
)

// words splits a command line as a shell does, with single and double quotes
// and nothing else: no variables, no globs, no pipes.
func words(line string) ([]string, error) {
	var out []string
	var word strings.Builder
	inWord := false
	var quote rune
	for _, r := range line {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(r)
		case r == '\'' || r == '"':
			quote, inWord = r, true
		case r == ' ' || r == '\n' || r == '\t':
			if inWord {
				out = append(out, word.String())
				word.Reset()
				inWord = false
			}
		default:
			word.WriteRune(r)
			inWord = true
		}
	}
	if quote != 0 {
		return nil, fmt.Errorf("command %q has an open quote", line)
	}
	if inWord {
		out = append(out, word.String())
	}
	return out, nil
}

// target is something named with an optional namespace: "pod/web -n shop".
type target struct {
	words     []string
	namespace string
}

func parseTarget(s string) (target, error) {
	all, err := words(s)
	if err != nil {
		return target{}, err
	}
	var t target
	for i := 0; i < len(all); i++ {
		if (all[i] == "-n" || all[i] == "--namespace") && i+1 < len(all) {
			t.namespace = all[i+1]
			i++
			continue
		}
		t.words = append(t.words, all[i])
	}
	if len(t.words) == 0 {
		return target{}, fmt.Errorf("%q names nothing", s)
	}
	return t, nil
}

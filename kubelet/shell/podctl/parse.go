package podctl

import (
	"fmt"
	"slices"
	"strings"
)

// Request is a command line that is allowed.
type Request struct {
	// Words are what to start kubectl with. Files are read from the standard input.
	Words []string
	// Files are those that --filename named, in order; "-" is the standard input.
	Files []string
	// Recursive says that directories among Files are meant with all below them.
	Recursive bool
}

// Refusal is a command line that is not allowed; its text is for the person who typed it.
type Refusal struct{ text string }

func (r *Refusal) Error() string { return r.text }

func refuse(format string, args ...any) error { return &Refusal{fmt.Sprintf(format, args...)} }

// The verbs as a refusal lists them.
const allowed = "get, describe, create, apply, delete, label, auth, logs and version"

// Parse reads the words after "kubectl". Errors are of type *Refusal.
func Parse(args []string) (*Request, error) {
	for _, a := range args {
		if strings.ContainsRune(a, 0) {
			return nil, refuse("a word with a zero byte in it cannot be passed on")
		}
	}
	p := &parser{rest: args}
	if err := p.verb(); err != nil {
		return nil, err
	}
	if err := p.words(); err != nil {
		return nil, err
	}
	return p.request(), nil
}

// parser reads a command line as kubectl's own parser does, flags and words mixed.
type parser struct {
	rest   []string
	chosen []string // verb and subcommands
	flags  flagSet
	below  map[string]flagSet
	deep   map[string]map[string]flagSet

	given []string // flags as they are passed on
	plain []string // all other words
	files []string
	all   bool
	over  bool     // "--" has been
	after []string // words behind it
}

// verb finds the first word that is no flag. Flags may come before it.
func (p *parser) verb() error {
	p.flags = common
	at := 0
	for at < len(p.rest) && strings.HasPrefix(p.rest[at], "-") && p.rest[at] != "-" && p.rest[at] != "--" {
		at += width(p.rest[at])
	}
	if at >= len(p.rest) || p.rest[at] == "--" {
		return nil // kubectl alone, or its help
	}
	name := p.rest[at]
	v, ok := verbs[name]
	if !ok {
		return refuse("%q is not available in a simulated container; what is: %s", name, allowed)
	}
	p.rest = append(slices.Clone(p.rest[:at]), p.rest[at+1:]...)
	p.chosen = []string{name}
	p.flags, p.below, p.deep = flags(common, v.flags), v.below, v.nested
	return nil
}

// width is how many words a flag before the verb takes, as far as that can be known without the verb.
func width(w string) int {
	if strings.Contains(w, "=") {
		return 1
	}
	for _, set := range append([]flagSet{common}, every...) {
		switch _, k := set.find(strings.TrimLeft(w, "-"), !strings.HasPrefix(w, "--")); k {
		case value, output, file:
			return 2
		}
	}
	return 1
}

// words reads what follows the verb.
func (p *parser) words() error {
	for len(p.rest) > 0 {
		w := p.rest[0]
		switch {
		case p.over:
			p.rest = p.rest[1:]
			p.after = append(p.after, w)
		case w == "--":
			p.rest, p.over = p.rest[1:], true
		case w == "-" || !strings.HasPrefix(w, "-"):
			p.rest = p.rest[1:]
			if err := p.word(w); err != nil {
				return err
			}
		default:
			if err := p.flag(); err != nil {
				return err
			}
		}
	}
	return nil
}

// word takes a word that is no flag: a subcommand, or an argument.
func (p *parser) word(w string) error {
	if p.below == nil && p.deep == nil {
		p.plain = append(p.plain, w)
		return nil
	}
	if more, ok := p.below[w]; ok {
		p.chosen, p.flags = append(p.chosen, w), flags(p.flags, more)
		p.below, p.deep = nil, nil
		return nil
	}
	if more, ok := p.deep[w]; ok {
		p.chosen, p.below, p.deep = append(p.chosen, w), more, nil
		return nil
	}
	// What is no subcommand here might be one of kubectl's, which would do what it does.
	return refuse("%q is not available in a simulated container", strings.Join(append(slices.Clone(p.chosen), w), " "))
}

// flag takes a word that begins with a dash, and its value.
func (p *parser) flag() error {
	w := p.rest[0]
	p.rest = p.rest[1:]
	if !strings.HasPrefix(w, "--") {
		return p.shorts(w[1:])
	}
	name, text, given := strings.Cut(w[2:], "=")
	name = strings.ReplaceAll(name, "_", "-") // as kubectl does
	long, k := p.flags.find(name, false)
	if k == 0 {
		return p.unknown("--" + name)
	}
	return p.take(long, k, text, given)
}

// shorts takes -A, -nNAME, -n=NAME, -n NAME and -Aw.
func (p *parser) shorts(letters string) error {
	for letters != "" {
		letter := letters[:1]
		letters = letters[1:]
		long, k := p.flags.find(letter, true)
		switch {
		case k == 0:
			return p.unknown("-" + letter)
		case strings.HasPrefix(letters, "="):
			return p.take(long, k, letters[1:], true)
		case k == toggle:
			if err := p.take(long, k, "", false); err != nil {
				return err
			}
		case letters != "":
			return p.take(long, k, letters, true)
		default:
			return p.take(long, k, "", false)
		}
	}
	return nil
}

// take writes a flag down.
func (p *parser) take(long string, k kind, text string, given bool) error {
	if !given && k != toggle && k != optional {
		if len(p.rest) == 0 {
			return refuse("flag needs an argument: --%s", long)
		}
		text, given, p.rest = p.rest[0], true, p.rest[1:]
	}
	switch {
	case k == file:
		for name := range strings.SplitSeq(text, ",") { // one flag can name several
			if strings.Contains(name, "://") {
				return refuse("-f %s: files are read from the container, not from addresses", name)
			}
			p.files = append(p.files, name)
		}
		return nil
	case k == output && !printable(text):
		return refuse("-o %s is not available in a simulated container: kubectl there reads no files", text)
	case long == "recursive":
		p.all = !given || text == "true"
		return nil
	case !given:
		p.given = append(p.given, "--"+long)
	default:
		p.given = append(p.given, "--"+long+"="+text)
	}
	return nil
}

// printable says whether an output format has nothing to do with files.
func printable(format string) bool {
	name, _, _ := strings.Cut(format, "=")
	switch name {
	case "", "json", "yaml", "kyaml", "name", "wide", "jsonpath", "jsonpath-as-json", "go-template", "template", "custom-columns":
		return true
	}
	return false
}

// Flags that name a file or start a program, or choose another cluster.
var reasons = map[string]string{
	"--kubeconfig": "it is the mounted token that counts", "--context": "it is the mounted token that counts", "--cluster": "it is the mounted token that counts",
	"--kustomize": "kubectl there reads no files but those of -f", "-k": "kubectl there reads no files but those of -f",
	"--edit": "there is no editor",
}

func (p *parser) unknown(flag string) error {
	why := "kubectl there reads and writes no files but those of -f, and knows the flags that need none"
	if r, ok := reasons[flag]; ok {
		why = r
	}
	return refuse("flag %s is not available in a simulated container: %s", flag, why)
}

func (p *parser) request() *Request {
	r := &Request{Words: append([]string{}, p.chosen...), Files: p.files, Recursive: p.all}
	if len(p.files) > 0 {
		r.Words = append(r.Words, "--filename=-")
	}
	r.Words = append(append(r.Words, p.given...), p.plain...)
	if p.over {
		r.Words = append(append(r.Words, "--"), p.after...)
	}
	return r
}

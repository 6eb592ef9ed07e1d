package awk

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
)

// Config is what to run, on what.
type Config struct {
	Program string
	Vars    [][2]string // set before BEGIN: -v and -F (as FS)
	Args    []string    // files, and NAME=VALUE; "-" is In
	In      io.Reader
	Out     io.Writer
	Err     io.Writer
	Environ []string
	Open    func(name string) (io.ReadCloser, error)
	Create  func(name string, append bool) (io.WriteCloser, error)
	Now     func() (seconds int64)
}

// Bounds of a run.
const (
	maxLength   = 8 << 20 // bytes of a string or a record
	maxElements = 500_000 // of all arrays together
	maxFields   = 100_000
	maxOutputs  = 50
)

var (
	errLength   = errors.New("a string is too long")
	errElements = errors.New("the arrays hold too much")
	errFields   = errors.New("too many fields")
	errOutputs  = errors.New("too many output files")

	errFieldNumber = errors.New("a field number is negative")
)

func errUnknown(name string) error { return fmt.Errorf("function %s is not simulated", name) }

// machine is a run of a program. It gives up by a panic of type failure.
type machine struct {
	c       Config
	ctx     context.Context
	rules   []*rule
	vars    map[string]value
	arrays  map[string]map[string]value
	count   int // elements
	fields  []value
	record  value
	split   bool // fields are those of record
	out     *bufio.Writer
	outputs map[string]*output
	regexes map[string]*regexp.Regexp
	random  uint64
	steps   uint
	files   []string
}

type failure struct{ error }

// jump is how next, exit, break and continue leave statements.
type jump string

// output is a file that a program writes to.
type output struct {
	*bufio.Writer
	closer io.Closer
}

// Run runs a program. It returns its exit code, or an error in the words after "awk: ".
func Run(ctx context.Context, c Config) (code int, err error) {
	rules, err := parse(c.Program)
	if err != nil {
		return 2, err
	}
	m := &machine{
		c: c, ctx: ctx, rules: rules, vars: map[string]value{}, arrays: map[string]map[string]value{}, out: bufio.NewWriter(c.Out),
		outputs: map[string]*output{}, regexes: map[string]*regexp.Regexp{}, files: c.Args,
	}
	for n, v := range map[string]string{"FS": " ", "OFS": " ", "RS": "\n", "ORS": "\n", "SUBSEP": "\x1c", "CONVFMT": "%.6g", "OFMT": "%.6g"} {
		m.vars[n] = str(v)
	}
	for _, v := range c.Vars {
		m.vars[v[0]] = given(unescape(v[1]))
	}
	defer func() {
		if v := recover(); v != nil {
			f, ok := v.(failure)
			if !ok {
				panic(v)
			}
			code, err = 2, f.error
		}
		err = errors.Join(err, m.close())
	}()
	for _, e := range c.Environ {
		n, v, _ := strings.Cut(e, "=")
		m.set("ENVIRON", n, given(v))
	}
	m.set("ARGV", "0", str("awk"))
	for i, a := range c.Args {
		m.set("ARGV", fmt.Sprint(i+1), given(a))
	}
	m.vars["ARGC"] = num(float64(len(c.Args) + 1))
	return m.run(), nil
}

func (m *machine) close() error {
	errs := []error{m.out.Flush()}
	for _, o := range m.outputs {
		errs = append(errs, o.Flush())
		if o.closer != nil {
			errs = append(errs, o.closer.Close())
		}
	}
	return errors.Join(errs...)
}

// run is the program's life: BEGIN, the records, END.
func (m *machine) run() int {
	main := false
	for _, r := range m.rules {
		main = main || !r.begin
	}
	if m.part(func(r *rule) bool { return r.begin }) != "exit" && main {
		m.records()
	}
	m.part(func(r *rule) bool { return r.end }) // exit runs it, too
	return int(whole(m.vars[exitCode].number())) & 0xff
}

// exitCode is where exit leaves its code; no program can name it.
const exitCode = "\x00code"

func (m *machine) part(wanted func(*rule) bool) jump {
	for _, r := range m.rules {
		if wanted(r) {
			if j := m.statements(r.body); j == "exit" {
				return j
			}
		}
	}
	return ""
}

// matches says whether a rule is for this record.
func (m *machine) matches(r *rule) bool {
	switch {
	case r.begin || r.end:
		return false
	case r.from == nil:
		return true
	case r.to == nil:
		return m.eval(r.from).truth()
	}
	if !r.inRange && !m.eval(r.from).truth() {
		return false
	}
	r.inRange = !m.eval(r.to).truth()
	return true
}

// process runs the rules for a record.
func (m *machine) process() jump {
	for _, r := range m.rules {
		if !m.matches(r) {
			continue
		}
		if r.printAll {
			m.write(m.out, m.field(0).s+m.text("ORS"))
			continue
		}
		switch j := m.statements(r.body); j {
		case "next":
			return ""
		case "exit":
			return j
		}
	}
	return ""
}

// tick is taken at each step: a program ends with its context.
func (m *machine) tick() {
	if m.steps++; m.steps%1024 == 0 && m.ctx.Err() != nil {
		panic(failure{m.ctx.Err()})
	}
}

func (m *machine) text(name string) string { return m.vars[name].string("%.6g") }

func (m *machine) write(w io.Writer, s string) {
	if _, err := io.WriteString(w, s); err != nil {
		panic(failure{err})
	}
}

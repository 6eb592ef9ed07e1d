// Package cli is the command line of package vault, modelled on that of HashiCorp's Vault: its words, tables, errors and exit codes
// (0 done, 1 wrong use, 2 refused or not found). It speaks English, as that does.
package cli

import (
	"context"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/kubemint/kubemint/internal/vault"
)

// Host is where a command runs.
type Host struct {
	In       io.Reader
	Out, Err io.Writer
	// ReadFile reads what k=@FILE names.
	ReadFile func(name string) ([]byte, error)
	// Do sends a request to the vault.
	Do func(context.Context, vault.Request) (vault.Answer, error)
	// Token is the token of the vault's to use, or empty. Store keeps the one of a login; nil: it is only shown.
	Token func() string
	Store func(token string) error
	// Terminal says that a person looks at Out: a single field gets an end of line then.
	Terminal bool
	// Silent keeps what Do returns as an error to the caller, who tells it.
	Silent bool
	// Account is a file with the token that the cluster gave to who runs this; empty: there is none.
	Account string
}

// Address is where the vault says it is. There is one, and nobody has to find it.
const Address = "https://vault.example.com:8200"

const help = `Usage: vault <command> [args]

  kv put [-mount=secret] [-cas=N] PATH KEY=VALUE...   (VALUE: text, @FILE, or - for the input)
  kv get [-mount=secret] [-version=N] [-field=NAME] [-format=json] PATH
  kv list, kv delete PATH
  login -method=kubernetes role=NAME [jwt=@FILE]
  write auth/kubernetes/login role=NAME jwt=@FILE
  write auth/kubernetes/role/NAME bound_service_account_names=... \
    bound_service_account_namespaces=... policies=... [audience=...] [ttl=...]
  read, list, delete PATH
  policy write NAME FILE|-, policy read, policy delete NAME, policy list
  token lookup
  status
`

// run is one command as it runs.
type run struct {
	Host
	ctx   context.Context
	flags *flag.FlagSet
	args  []string // behind the flags

	field, format, mount, method string
	version, cas                 int
	tokenOnly, noStore           bool
}

// Run runs the words after "vault" and returns the exit code.
func Run(ctx context.Context, args []string, h Host) int {
	name, rest, do := find(args)
	if do == nil {
		if len(args) == 0 || args[0] == "-h" || args[0] == "-help" || args[0] == "--help" {
			fmt.Fprint(h.Out, help)
			return 0
		}
		fmt.Fprint(h.Err, help)
		return 127
	}
	r := &run{Host: h, ctx: ctx}
	if slices.Contains(rest, "-h") || slices.Contains(rest, "-help") || slices.Contains(rest, "--help") {
		fmt.Fprint(h.Out, help)
		return 0
	}
	if err := r.parse(name, rest); err != nil {
		return r.wrong("%v", err)
	}
	if r.format != "table" && r.format != "json" {
		return r.wrong("Invalid output format: %s", r.format)
	}
	for _, a := range r.args {
		if len(a) > 1 && a[0] == '-' {
			fmt.Fprintf(h.Err, "Command flags must be provided before positional arguments. The following arguments will not be parsed as flags: [%s]\n", strings.SplitN(a, "=", 2)[0])
			break
		}
	}
	return do(r)
}

// find splits a command's name from what follows.
func find(args []string) (string, []string, func(*run) int) {
	for n := min(2, len(args)); n > 0; n-- {
		name := strings.Join(args[:n], " ")
		if do := commands(name); do != nil {
			return name, args[n:], do
		}
	}
	return "", nil, nil
}

func commands(name string) func(*run) int {
	switch name {
	case "kv put":
		return (*run).kvPut
	case "kv get":
		return (*run).kvGet
	case "kv list":
		return (*run).kvList
	case "kv delete":
		return (*run).kvDelete
	case "login":
		return (*run).login
	case "status":
		return (*run).status
	case "token lookup":
		return (*run).lookup
	case "read":
		return (*run).read
	case "list":
		return (*run).list
	case "write":
		return (*run).write
	case "delete":
		return (*run).remove
	case "policy write":
		return (*run).policyWrite
	case "policy read":
		return (*run).policyRead
	case "policy list":
		return (*run).policyList
	case "policy delete":
		return (*run).policyDelete
	}
	return nil
}

func (r *run) parse(name string, args []string) error {
	f := flag.NewFlagSet(name, flag.ContinueOnError)
	f.SetOutput(io.Discard)
	f.StringVar(&r.format, "format", "table", "")
	switch name {
	case "kv put", "write":
		f.StringVar(&r.field, "field", "", "")
	case "kv get", "read":
		f.StringVar(&r.field, "field", "", "")
		f.IntVar(&r.version, "version", 0, "")
	case "login":
		f.StringVar(&r.field, "field", "", "")
		f.StringVar(&r.method, "method", "token", "")
		f.BoolVar(&r.tokenOnly, "token-only", false, "")
		f.BoolVar(&r.noStore, "no-store", false, "")
	}
	r.mount, r.cas = "", -1
	if strings.HasPrefix(name, "kv ") {
		f.StringVar(&r.mount, "mount", "", "")
	}
	if name == "kv put" {
		f.IntVar(&r.cas, "cas", -1, "")
	}
	if err := f.Parse(args); err != nil {
		return err
	}
	r.args = f.Args()
	return nil
}

// wrong is a command that is not as it should be.
func (r *run) wrong(format string, args ...any) int {
	fmt.Fprintf(r.Err, format+"\n", args...)
	return 1
}

// count checks how many arguments there are.
func (r *run) count(low, high int) bool {
	switch n := len(r.args); {
	case n < low:
		r.wrong("Not enough arguments (expected %d, got %d)", low, n)
	case high >= 0 && n > high:
		r.wrong("Too many arguments (expected %d, got %d)", high, n)
	default:
		return true
	}
	return false
}

// ask sends a request. It returns false after it has said what went wrong.
func (r *run) ask(what string, q vault.Request) (vault.Answer, bool) {
	if r.Host.Token != nil {
		q.Token = r.Host.Token()
	}
	a, err := r.Do(r.ctx, q)
	if err != nil {
		if !r.Silent {
			fmt.Fprintf(r.Err, "%s: %v\n", what, err)
		}
		return a, false
	}
	if a.Code < 400 || a.Code == 404 && len(a.Errors) == 0 {
		return a, true
	}
	fmt.Fprintf(r.Err, "%s: Error making API request.\n\nURL: %s %s/v1/%s\nCode: %d. Errors:\n\n", what, verb(q.Method), Address, q.Path, a.Code)
	for _, e := range a.Errors {
		fmt.Fprintf(r.Err, "* %s\n", e)
	}
	return a, false
}

// verb is a method as it goes over the wire.
func verb(method string) string {
	if method == "LIST" {
		return "GET"
	}
	return method
}

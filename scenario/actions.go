package scenario

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/kubemint/kubemint/internal/kubeconfig"
	"github.com/kubemint/kubemint/internal/remote"
	"github.com/kubemint/kubemint/internal/say"
)

// result is what an action answered.
type result struct {
	status int // HTTP status; of a command: what its output says
	exit   int
	out    string
}

func (r *runner) doAll(actions []Action) error {
	for i := range actions {
		if err := r.do(&actions[i]); err != nil {
			return err
		}
	}
	return nil
}

// do carries one action out, shows it and checks what it was to answer.
func (r *runner) do(a *Action) error {
	switch {
	case a.Save != "":
		return r.save(a)
	case a.Edit != "":
		return r.edit(a)
	case a.Show != "":
		return r.show(a)
	}
	shown := a.shown()
	if !a.Quiet {
		r.Screen.command(shown)
	}
	var answer result
	var err error
	if a.Call != "" {
		answer, err = r.call(a)
	} else {
		answer, err = r.command(a)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", shown, err)
	}
	r.last = answer
	if a.To != "" && answer.exit == 0 {
		if err := r.keep(strings.TrimPrefix(a.To, "vault/"), strings.TrimSpace(answer.out)); err != nil {
			return err
		}
	} else if !a.Quiet {
		r.Screen.output(redact(answer.out))
	}
	return a.Expect.check(shown, answer, a.Call == "")
}

// shown is the command line a person would type for the action.
func (a *Action) shown() string {
	switch {
	case a.Call != "":
		line := "kubemint call " + a.Call
		if a.As != "" {
			line += " --as " + a.who()
		}
		return line
	case a.Clock != "":
		return "kubemint clock " + a.Clock
	case a.Kubemint != "":
		return "kubemint " + a.Kubemint
	case a.As != "":
		return "kubemint as " + a.who() + " -- kubectl " + a.Kubectl
	case a.To != "":
		return "kubectl " + a.Kubectl + " > " + keptFile(strings.TrimPrefix(a.To, "vault/"), 0)
	}
	return "kubectl " + a.Kubectl
}

// who is who acts, as it is typed: a value of the vault is a file of the lesson
// folder.
func (a *Action) who() string {
	name, ok := strings.CutPrefix(a.As, "vault/")
	if !ok {
		return a.As
	}
	name, back, _ := strings.Cut(name, "@-")
	n, _ := strconv.Atoi(back) //nolint:errcheck // kept says what is wrong with it
	return "token/" + keptFile(name, n)
}

// keptFile is the file in which a value of the vault lies: the newest, or one
// that many before it.
func keptFile(name string, back int) string {
	if back > 0 {
		return name + "." + strconv.Itoa(back) + ".token"
	}
	return name + ".token"
}

// keep puts a value into the vault and, so that a person can use it, into files
// of the lesson folder.
func (r *runner) keep(name, value string) error {
	r.vault[name] = append(r.vault[name], value)
	values := r.vault[name]
	for back := range values {
		if err := r.writeFile(keptFile(name, back), values[len(values)-1-back]+"\n"); err != nil {
			return err
		}
	}
	return nil
}

func (e Expect) check(shown string, answer result, command bool) error {
	switch {
	case e.Status != 0 && e.Status != answer.status:
		return say.Failure("scenario.expected", say.Params{"command": shown, "want": strconv.Itoa(e.Status), "got": strconv.Itoa(answer.status)}, nil)
	case command && e.Exit != nil && *e.Exit != answer.exit,
		command && e.Exit == nil && answer.exit != 0:
		want := 0
		if e.Exit != nil {
			want = *e.Exit
		}
		return say.Failure("scenario.expected-exit", say.Params{
			"command": shown, "want": want, "got": answer.exit, "out": strings.TrimSpace(redact(answer.out)),
		}, nil)
	}
	for _, text := range e.Says {
		if !strings.Contains(answer.out, text) {
			return say.Failure("scenario.expected-text", say.Params{
				"command": shown, "want": text, "out": strings.TrimSpace(redact(answer.out)),
			}, nil)
		}
	}
	return nil
}

// command runs kubectl or kubemint as a child and waits for its end.
func (r *runner) command(a *Action) (result, error) {
	line := a.Kubectl
	switch {
	case a.Kubemint != "":
		line = a.Kubemint
	case a.Clock != "":
		line = "clock " + a.Clock
	}
	arguments, err := words(line)
	if err != nil {
		return result{}, err
	}
	var command *exec.Cmd
	if a.Kubectl != "" {
		kubeconfig, err := r.identityFile(a.As)
		if err != nil {
			return result{}, err
		}
		command = r.kubectl(r.ctx, kubeconfig, arguments)
	} else {
		command = r.Kubemint(r.ctx, arguments...)
		command.Dir = r.folder
	}
	var out bytes.Buffer
	command.Stdout = &out
	if a.To == "" {
		command.Stderr = &out
	}
	if a.Stdin != "" {
		command.Stdin = strings.NewReader(a.Stdin)
	}
	err = command.Run()
	var ended *exec.ExitError
	if err != nil && !errors.As(err, &ended) {
		return result{}, err
	}
	answer := result{out: out.String()}
	if ended != nil {
		answer.exit = max(ended.ExitCode(), 1)
	}
	answer.status = statusOf(answer)
	return answer, nil
}

// statusOf reads the HTTP status behind kubectl's words.
func statusOf(answer result) int {
	switch {
	case answer.exit == 0:
		return http.StatusOK
	case strings.Contains(answer.out, "(Forbidden)"):
		return http.StatusForbidden
	case strings.Contains(answer.out, "(Unauthorized)"), strings.Contains(answer.out, "You must be logged in"):
		return http.StatusUnauthorized
	case strings.Contains(answer.out, "(NotFound)"):
		return http.StatusNotFound
	case strings.Contains(answer.out, "(AlreadyExists)"), strings.Contains(answer.out, "(Conflict)"):
		return http.StatusConflict
	case strings.Contains(answer.out, "(Invalid)"):
		return http.StatusUnprocessableEntity
	}
	return 0
}

// call sends one request as somebody, with that one credential.
func (r *runner) call(a *Action) (result, error) {
	access, err := r.identity(a.As)
	if err != nil {
		return result{}, err
	}
	client, err := remote.As(access)
	if err != nil {
		return result{}, err
	}
	defer client.Close()
	method, path, _ := strings.Cut(a.Call, " ")
	answer, err := client.Call(r.ctx, method, path, []byte(a.Data))
	if err != nil {
		return result{}, err
	}
	out := fmt.Sprintf("%d %s", answer.Status, http.StatusText(answer.Status))
	var status struct{ Kind, Message string }
	if json.Unmarshal(answer.Body, &status) == nil && status.Kind == "Status" && status.Message != "" {
		out += "\n" + status.Message
	}
	return result{status: answer.Status, out: out}, nil
}

func (r *runner) save(a *Action) error {
	value, err := r.evaluate(a.CEL, nil)
	if err != nil {
		return err
	}
	if name, ok := strings.CutPrefix(a.Save, "vault/"); ok {
		token, ok := value.(string)
		if !ok {
			return fmt.Errorf("saving %s: not a text", a.Save)
		}
		return r.keep(name, token)
	}
	r.saved[a.Save] = value
	return nil
}

func (r *runner) show(a *Action) error {
	value, err := r.evaluate(a.Show, nil)
	if err != nil {
		return err
	}
	r.Screen.output(redact(fmt.Sprint(value)))
	return nil
}

func (r *runner) edit(a *Action) error {
	if !filepath.IsLocal(a.Edit) {
		return fmt.Errorf("file %q is outside the lesson folder", a.Edit)
	}
	content, err := os.ReadFile(filepath.Join(r.folder, a.Edit))
	if err != nil {
		return fmt.Errorf("editing %s: %w", a.Edit, err)
	}
	text := string(content)
	for from, to := range a.Replace {
		if !strings.Contains(text, from) {
			return fmt.Errorf("editing %s: %q is not in it", a.Edit, from)
		}
		text = strings.ReplaceAll(text, from, to)
		r.Screen.edited(a.Edit, from, to)
	}
	return r.writeFile(a.Edit, text)
}

// identity is the way in of "WHO [-n NAMESPACE]"; empty: the administrator.
func (r *runner) identity(as string) (kubeconfig.Access, error) {
	if as == "" {
		return r.Cluster.Access(), nil
	}
	t, err := parseTarget(as)
	if err != nil {
		return kubeconfig.Access{}, err
	}
	if name, ok := strings.CutPrefix(t.words[0], "vault/"); ok {
		token, err := r.kept(name)
		access := r.Cluster.Access()
		access.Certificate, access.Key, access.TokenFile = nil, nil, ""
		access.User, access.Token, access.Namespace = t.words[0], token, t.namespace
		return access, err
	}
	who, err := remote.ParseWho(t.words[0])
	if err != nil {
		return kubeconfig.Access{}, err
	}
	if who.Namespace == "" {
		who.Namespace = t.namespace
	}
	return r.Cluster.Become(r.ctx, who)
}

// identityFile is the same as a kubeconfig file. A person's certificate is made
// once; an account's token anew each time, because time may have passed.
func (r *runner) identityFile(as string) (string, error) {
	if as == "" {
		return r.Kubeconfig, nil
	}
	person := strings.HasPrefix(as, "user/")
	if file, ok := r.files[as]; ok && person {
		return file, nil
	}
	access, err := r.identity(as)
	if err != nil {
		return "", err
	}
	file := filepath.Join(r.keys, strconv.Itoa(len(r.files))+".kubeconfig")
	if existing, ok := r.files[as]; ok {
		file = existing
	}
	r.files[as] = file
	return file, access.Write(file)
}

// kept returns a token kept before: NAME the newest, NAME@-1 the one before.
func (r *runner) kept(name string) (string, error) {
	name, back, _ := strings.Cut(name, "@-")
	n := 0
	if back != "" {
		var err error
		if n, err = strconv.Atoi(back); err != nil || n < 0 {
			return "", fmt.Errorf("vault/%s@-%s: how many before is a number", name, back)
		}
	}
	tokens := r.vault[name]
	if n >= len(tokens) {
		return "", fmt.Errorf("vault/%s holds %d values", name, len(tokens))
	}
	return tokens[len(tokens)-1-n], nil
}

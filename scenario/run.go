package scenario

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/kubemint/kubemint/internal/kubectl"
	"github.com/kubemint/kubemint/internal/remote"
	"github.com/kubemint/kubemint/internal/say"

	"cel.dev/cel-go/cel"
)

// ErrLeft is returned when the person at the terminal leaves before the end.
var ErrLeft = errors.New("left before the end")

// Config is what a run needs.
type Config struct {
	Scenario *Scenario
	// Cluster is the administrator's way in, and Kubeconfig the file of it.
	Cluster    *remote.Client
	Kubeconfig string
	// Kubemint prepares a run of kubemint's own command line on this cluster.
	Kubemint func(ctx context.Context, args ...string) *exec.Cmd
	// Screen is where the run is shown.
	Screen *Screen
	// Patience is how long a hold may take to come true; 0 is 10 seconds. It is
	// wall time: what is waited for is a controller's next turn, not the passing
	// of cluster time.
	Patience time.Duration
}

// Run plays a scenario from its first step to its last and returns nil if every
// step did what it says. The cluster is changed by it and left as it is.
func Run(ctx context.Context, c Config) error {
	c.Patience = cmp.Or(c.Patience, defaultPatience)
	dir, err := os.MkdirTemp("", "kubemint-scenario-") // mode 0700: it will hold credentials
	if err != nil {
		return fmt.Errorf("making the lesson folder: %w", err)
	}
	defer os.RemoveAll(dir)
	r := &runner{
		Config: c, ctx: ctx, folder: filepath.Join(dir, "lesson"), keys: filepath.Join(dir, "keys"),
		saved: map[string]any{}, vault: map[string][]string{}, files: map[string]string{},
	}
	if r.env, err = environment(r.functions()); err != nil {
		return err
	}
	for _, path := range []string{r.folder, r.keys} {
		if err := os.Mkdir(path, 0o700); err != nil {
			return fmt.Errorf("making the lesson folder: %w", err)
		}
	}
	for name, content := range c.Scenario.Files {
		if err := r.writeFile(name, content); err != nil {
			return err
		}
	}
	return r.play()
}

// runner is one run.
type runner struct {
	Config
	ctx    context.Context // of the run; expressions have no way to be handed one
	env    *cel.Env
	folder string // the lesson folder: where commands run
	keys   string // kubeconfigs of identities

	last  result
	saved map[string]any
	vault map[string][]string // tokens kept, oldest first
	files map[string]string   // identity → kubeconfig
	due   []*Hold             // holds that must be true at the end as well
}

// play shows and does one step after another; the terminal may go back to read
// again, but what was done stays done.
func (r *runner) play() error {
	steps := r.Scenario.Steps
	for i := range steps {
		r.Screen.begin(i)
		if err := r.step(i); err != nil {
			if errors.Is(err, ErrLeft) || r.ctx.Err() != nil {
				return errors.Join(err, r.ctx.Err())
			}
			return say.Failure("scenario.failed", say.Params{
				"scenario": r.Scenario.Name, "step": steps[i].ID, "why": err,
			}, err)
		}
	}
	for _, hold := range r.due {
		if err := r.await(hold); err != nil {
			return say.Failure("scenario.failed-end", say.Params{"scenario": r.Scenario.Name, "why": err}, err)
		}
	}
	return nil
}

func (r *runner) step(i int) error {
	step := &r.Scenario.Steps[i]
	screen := r.Screen
	language := screen.Speaker.Language()
	screen.heading(i+1, len(r.Scenario.Steps), step.Title.In(language))
	screen.paragraph(step.Text.In(language))

	var guess string
	var err error
	if step.Ask != nil {
		if guess, err = screen.ask(r.ctx, step.Ask); err != nil {
			return err
		}
		if len(step.Ask.Choices) > 0 {
			screen.judgeChoice(step.Ask, guess)
		}
	}
	if err := r.doAll(step.Do); err != nil {
		return err
	}
	learner := len(step.Solution) > 0 && screen.interactive()
	if learner {
		if err := r.practise(step); err != nil {
			return err
		}
	} else if err := r.doAll(step.Solution); err != nil {
		return err
	}
	if err := r.doAll(step.Then); err != nil {
		return err
	}
	for j := range step.Holds {
		if err := r.await(&step.Holds[j]); err != nil {
			return err
		}
		if step.Holds[j].Final {
			r.due = append(r.due, &step.Holds[j])
		}
	}
	if step.Ask != nil && len(step.Ask.Status) > 0 {
		screen.judgeStatus(guess, r.last.status)
	}
	screen.paragraph(step.After.In(language))
	if i == len(r.Scenario.Steps)-1 {
		return nil
	}
	return screen.next(r.ctx, i)
}

// practise lets the learner type until the step holds. The screen reads the
// lines; commands run here.
func (r *runner) practise(step *Step) error {
	hints := 0
	r.Screen.practise()
	for {
		line, err := r.Screen.Line(r.ctx)
		if err != nil {
			return err
		}
		switch line {
		case "":
			if r.passes(step) {
				return nil
			}
		case "h":
			hints = r.Screen.hint(step, hints)
		case "s":
			return r.doAll(step.Solution)
		case "q":
			return ErrLeft
		default:
			r.typed(line)
			if r.passesQuietly(step) {
				return nil
			}
		}
	}
}

// typed runs a line that the learner typed. Its failure is the learner's to see,
// not the scenario's.
func (r *runner) typed(line string) {
	arguments, err := words(line)
	if err != nil || len(arguments) == 0 {
		r.Screen.tell("scenario.not-a-command", nil)
		return
	}
	var command *exec.Cmd
	switch arguments[0] {
	case "kubectl":
		command = r.kubectl(r.ctx, r.Kubeconfig, arguments[1:])
	case "kubemint":
		command = r.Kubemint(r.ctx, arguments[1:]...)
		command.Dir = r.folder
	default:
		r.Screen.tell("scenario.not-a-command", nil)
		return
	}
	r.Screen.attach(command)
	if err := command.Run(); err != nil {
		var ended *exec.ExitError
		if !errors.As(err, &ended) {
			r.Screen.tell("as.command", say.Params{"command": arguments[0], "why": err.Error()})
		}
	}
}

// kubectl prepares the bundled kubectl in the lesson folder. All identities
// share one discovery cache: it is the same for everybody.
func (r *runner) kubectl(ctx context.Context, kubeconfig string, args []string) *exec.Cmd {
	command := kubectl.Command(ctx, kubeconfig, args...)
	command.Dir = r.folder
	command.Env = append(command.Env, "KUBECACHEDIR="+filepath.Join(filepath.Dir(r.Kubeconfig), "kubectl-cache"))
	return command
}

func (r *runner) writeFile(name, content string) error {
	if !filepath.IsLocal(name) {
		return fmt.Errorf("file %q is outside the lesson folder", name)
	}
	path := filepath.Join(r.folder, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	return nil
}

package scenario

import (
	"time"

	"github.com/kubemint/kubemint/internal/say"
)

// formatVersion is the version of the format that this package reads.
const formatVersion = 1

// Scenario is one file.
type Scenario struct {
	Format  int               `yaml:"scenario"`
	Name    string            `yaml:"name"`
	Title   Text              `yaml:"title"`
	Level   string            `yaml:"level"`
	Minutes int               `yaml:"minutes"`
	Teaches []string          `yaml:"teaches"`
	Needs   []string          `yaml:"needs"`
	Cluster Cluster           `yaml:"cluster"`
	Files   map[string]string `yaml:"files"`
	Steps   []Step            `yaml:"steps"`
}

// Cluster is what the scenario wants to be played on.
type Cluster struct {
	Version string    `yaml:"version"` // emulated minor; empty: the default
	Start   time.Time `yaml:"start"`   // cluster time at the start; zero: wall time
}

// Text is a text in every language.
type Text struct {
	En string `yaml:"en"`
	Ko string `yaml:"ko"`

	at position
}

// In returns the text in a language.
func (t Text) In(l say.Language) string {
	if l == say.Korean && t.Ko != "" {
		return t.Ko
	}
	return t.En
}

func (t Text) empty() bool { return t.En == "" && t.Ko == "" }

// Step is one step.
type Step struct {
	ID       string   `yaml:"id"`
	Title    Text     `yaml:"title"`
	Text     Text     `yaml:"text"`
	Ask      *Ask     `yaml:"ask"`
	Do       []Action `yaml:"do"`
	Solution []Action `yaml:"solution"`
	Then     []Action `yaml:"then"`
	Holds    []Hold   `yaml:"holds"`
	After    Text     `yaml:"after"`
	Hints    []Text   `yaml:"hints"`
	Notes    Text     `yaml:"notes"` // for the instructor

	at position
}

// Ask is a question before the answer is seen. It has choices, or statuses that
// are scored against the real answer of the step's last request.
type Ask struct {
	En      string   `yaml:"en"`
	Ko      string   `yaml:"ko"`
	Choices []Choice `yaml:"choices"`
	Status  []int    `yaml:"status"`

	at position
}

// Choice is one possible answer.
type Choice struct {
	En    string `yaml:"en"`
	Ko    string `yaml:"ko"`
	Right bool   `yaml:"right"`
	Why   Text   `yaml:"why"` // shown to who chose it
}

// Action is something done: exactly one of its verbs.
type Action struct {
	Kubectl  string `yaml:"kubectl"`  // a kubectl command line
	Kubemint string `yaml:"kubemint"` // a kubemint command line
	Call     string `yaml:"call"`     // METHOD PATH
	Clock    string `yaml:"clock"`    // as `kubemint clock`
	Save     string `yaml:"save"`     // keeps the value of CEL under this name, or a token as vault/NAME
	Edit     string `yaml:"edit"`     // a file of the lesson folder, changed by Replace
	Show     string `yaml:"show"`     // prints the value of an expression

	As      string            `yaml:"as"` // who does it: WHO [-n NAMESPACE]; vault/NAME[@-N] for a token kept
	Data    string            `yaml:"data"`
	Stdin   string            `yaml:"stdin"`
	To      string            `yaml:"to"` // vault/NAME: keeps the output there, and does not show it
	CEL     string            `yaml:"cel"`
	Replace map[string]string `yaml:"replace"`
	Expect  Expect            `yaml:"expect"`
	Quiet   bool              `yaml:"quiet"` // neither command nor output is shown

	at position
}

// Expect is what an action must answer at once. Without it a command must end
// with 0, and a request may answer anything (its status is then held).
type Expect struct {
	Exit   *int     `yaml:"exit"`
	Status int      `yaml:"status"`
	Says   []string `yaml:"says"`
}

// Hold is something that must be true after the step: exactly one of object,
// cel alone, status, can, token with cel.
type Hold struct {
	Object string `yaml:"object"` // KIND/NAME [-n NAMESPACE] exists
	Gone   bool   `yaml:"gone"`   // … does not exist
	CEL    string `yaml:"cel"`
	Status int    `yaml:"status"` // of the last request
	Can    string `yaml:"can"`    // VERB RESOURCE[/SUBRESOURCE] [NAME] [-n NAMESPACE]
	SA     string `yaml:"sa"`     // NAMESPACE:NAME who can
	User   string `yaml:"user"`   // … or a user
	Is     string `yaml:"is"`     // "yes" or "no"
	Token  string `yaml:"token"`  // vault/NAME or pod/NAME [-n NAMESPACE]: what CEL's claims are
	Else   Text   `yaml:"else"`   // said while it does not hold
	Not    []Not  `yaml:"not"`    // usual mistakes
	Final  bool   `yaml:"final"`  // must also hold when the scenario ends

	at position
}

// Not recognises a usual mistake and says what it is.
type Not struct {
	CEL  string `yaml:"cel"`
	Text Text   `yaml:"text"`

	at position
}

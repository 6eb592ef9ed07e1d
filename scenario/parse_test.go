package scenario

import (
	"strings"
	"testing"
)

// Every bundled scenario is well formed, in both languages.
func TestLibrary(t *testing.T) {
	t.Parallel()
	if len(Names()) < 2 {
		t.Fatalf("the library holds %v", Names())
	}
	for _, name := range Names() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := Load(name)
			if err != nil {
				t.Fatal(err)
			}
			if s.Name != name {
				t.Errorf("file %s.yaml names itself %q", name, s.Name)
			}
		})
	}
}

const head = "scenario: 1\nname: x\ntitle: {en: a, ko: 가}\nsteps:\n"

func TestMistakesHaveAPlaceAndASuggestion(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ file, want string }{
		"unknown field":          {head + "- id: a\n  text: {en: a, ko: 가}\n  hold: []\n", `f.yaml:7:3: unknown field "hold"; did you mean "holds"?`},
		"no such field at all":   {head + "- id: a\n  text: {en: a, ko: 가}\n  zzzzzzzz: 1\n", `f.yaml:7:3: unknown field "zzzzzzzz"; known here: id,`},
		"language missing":       {head + "- id: a\n  text: {en: a}\n", "f.yaml:6:9: text lacks Korean (ko)"},
		"same id twice":          {head + "- id: a\n  text: {en: a, ko: 가}\n- id: a\n  text: {en: a, ko: 가}\n", `f.yaml:7:3: step id "a" is there twice`},
		"other program":          {head + "- id: a\n  text: {en: a, ko: 가}\n  do: [rm -rf /]\n", `f.yaml:7:8: a command begins with kubectl or kubemint, not "rm"`},
		"expression":             {head + "- id: a\n  text: {en: a, ko: 가}\n  holds: [{cel: pod(1)}]\n", `f.yaml:7:11: cel "pod(1)"`},
		"expression not boolean": {head + "- id: a\n  text: {en: a, ko: 가}\n  holds: [{cel: out + \"x\"}]\n", "the result must be true or false"},
		"two verbs":              {head + "- id: a\n  text: {en: a, ko: 가}\n  do: [{kubectl: x, clock: y}]\n", "f.yaml:7:8: an action is one of"},
		"no right answer":        {head + "- id: a\n  ask: {en: q, ko: 질, choices: [{en: a, ko: 가}]}\n", "f.yaml:6:8: exactly one choice is right"},
		"number":                 {"scenario: one\n", `f.yaml:1:11: "one" is not a whole number`},
		"field twice":            {"scenario: 1\nname: x\nname: y\n", `f.yaml:3:1: field "name" is there twice`},
		"newer format":           {"scenario: 2\nname: x\n", `f.yaml:1:1: the first field is "scenario: 1"`},
		"not YAML":               {"scenario: [\n", "f.yaml:"},
		"empty":                  {"", "f.yaml:1:1: the file is empty"},
		"can without an answer":  {head + "- id: a\n  text: {en: a, ko: 가}\n  holds: [{can: get pods, sa: 'a:b'}]\n", `f.yaml:7:11: can needs is`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := Parse("f.yaml", []byte(test.file))
			if err == nil {
				t.Fatal("the file was accepted")
			}
			if !strings.Contains(err.Error(), test.want) {
				t.Errorf("the error is\n%v\nand should contain\n%s", err, test.want)
			}
		})
	}
}

// A scenario file may come from anywhere: no input makes the parser panic.
func FuzzParse(f *testing.F) {
	f.Add([]byte(head))
	for _, name := range Names() {
		content, err := library.ReadFile("library/" + name + ".yaml")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(content)
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		s, err := Parse("f.yaml", content)
		if (s == nil) == (err == nil) {
			t.Errorf("Parse() = %v, %v", s, err)
		}
	})
}

// Package say holds every sentence of kubemint's own, in English and Korean.
//
// Engines return codes and parameters; only this package turns them into
// sentences, so that a Korean lesson never ends in an English explanation, and
// `-o json` carries the code and not the words.
//
// # Basics
//
// A [Speaker] speaks one language:
//
//	s := say.In(say.Korean)
//	fmt.Println(s.Say("pod.no-token", say.Params{"pod": "app"}))
//
// A sentence may hold {name} for a parameter, {n:pod|pods} for a word that
// depends on a number, and in Korean {name:은/는} for the particle that the
// parameter's last sound asks for. A doubled brace is a plain one.
//
// # Caveats
//
// An unknown code is a mistake of ours, which TestEveryCodeInUse finds; at run
// time the code itself is printed rather than nothing.
package say

import (
	"fmt"
	"sort"
	"strings"
	"sync"
)

// Language is one that kubemint speaks.
type Language string

// The languages of the catalogue.
const (
	English Language = "en"
	Korean  Language = "ko"
)

// Languages lists all of them, the default first.
func Languages() []Language { return []Language{English, Korean} }

// Choose finds the language: flag (empty: not given) if it is one of ours, else
// the first of the locales (the values of LC_ALL and LANG, in this order) that
// is set, else English. The error names a flag that is neither.
func Choose(flag string, locales ...string) (Language, error) {
	if flag != "" {
		for _, known := range Languages() {
			if Language(flag) == known {
				return known, nil
			}
		}
		return English, Failure("lang.unknown", Params{"lang": flag}, nil)
	}
	for _, locale := range locales {
		if locale == "" {
			continue
		}
		if locale == "ko" || strings.HasPrefix(locale, "ko_") || strings.HasPrefix(locale, "ko-") || strings.HasPrefix(locale, "ko.") {
			return Korean, nil
		}
		return English, nil
	}
	return English, nil
}

// Params are the values that a sentence names: strings, numbers,
// time.Duration, time.Time, lists of strings, messages and errors; lists of
// messages, too.
type Params map[string]any

// Message is a sentence before it has a language.
type Message struct {
	Code   string `json:"code"`
	Params Params `json:"params,omitempty"`
}

// Speaker renders messages in one language. The zero value speaks English.
type Speaker struct{ language Language }

// In returns the speaker of a language.
func In(l Language) Speaker { return Speaker{language: l} }

// Language tells which one it speaks.
func (s Speaker) Language() Language {
	if s.language == "" {
		return English
	}
	return s.language
}

// Say returns the sentence of a code. Several lines are possible; there is no
// final newline.
func (s Speaker) Say(code string, params Params) string {
	entry, ok := catalogue()[code]
	if !ok {
		return unknown(code, params)
	}
	return s.render(entry.in(s.Language()), params)
}

// Message returns the sentence of a message.
func (s Speaker) Message(m Message) string { return s.Say(m.Code, m.Params) }

// Knows reports whether the catalogue has a sentence for a code.
func Knows(code string) bool {
	_, ok := catalogue()[code]
	return ok
}

func unknown(code string, params Params) string {
	var b strings.Builder
	b.WriteString(code)
	names := make([]string, 0, len(params))
	for name := range params {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		fmt.Fprintf(&b, " %s=%v", name, params[name])
	}
	return b.String()
}

// text is one sentence in every language.
type text struct{ en, ko string }

func (t text) in(l Language) string {
	if l == Korean {
		return t.ko
	}
	return t.en
}

// texts is a part of the catalogue: code to sentence.
type texts map[string]text

// catalogue is all of it, put together at the first sentence.
var catalogue = sync.OnceValue(func() texts {
	all := texts{}
	for _, part := range parts() {
		for code, entry := range part {
			if _, twice := all[code]; twice {
				panic("say: code " + code + " is in the catalogue twice")
			}
			all[code] = entry
		}
	}
	return all
})

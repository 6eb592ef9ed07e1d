package why

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/kubemint/kubemint/internal/say"
	"github.com/kubemint/kubemint/internal/told"
)

// Widths of a list of requests.
const (
	numberWidth = 8
	whoWidth    = 22
	listColumns = say.Columns
)

// Lines lists requests, oldest first: a line each, those of one command under a line for the command.
func Lines(stories []told.Story, speaker say.Speaker) []string {
	var out []string
	for i, st := range stories {
		if st.Session != "" && st.Command != "" {
			first := i == 0 || stories[i-1].Session != st.Session
			n := 1
			for ; i+n < len(stories) && stories[i+n].Session == st.Session; n++ {
			}
			if first && n > 1 {
				out = append(out, line(say.Clock(st.At), "", short(Sender(&st)), speaker.Say("why.list.run", say.Params{"command": st.Command, "n": n}), ""))
			}
			if n > 1 || !first {
				out = append(out, wide("#"+strconv.FormatInt(st.Number, 10), "  "+place(&st), strconv.Itoa(st.Code)))
				continue
			}
		}
		out = append(out, Line(&st))
	}
	return out
}

// Line is one request of a list.
func Line(st *told.Story) string {
	return line(say.Clock(st.At), "#"+strconv.FormatInt(st.Number, 10), short(Sender(st)), place(st), strconv.Itoa(st.Code))
}

func line(at, number, who, what, code string) string {
	room := listColumns - len("15:04:05 ") - numberWidth - whoWidth - 5
	return strings.TrimRight(fmt.Sprintf("%-8s %s%s%s %4s", at, say.Pad(number, numberWidth), say.Pad(shorten(who, whoWidth-1), whoWidth), say.Pad(shorten(what, room), room), code), " ")
}

// wide is a line of a command's list, which needs no column for who sent it.
func wide(number, what, code string) string {
	room := listColumns - len("15:04:05 ") - numberWidth - 5
	return fmt.Sprintf("%-8s %s%s %4s", "", say.Pad(number, numberWidth), say.Pad(shorten(what, room), room), code)
}

// Because is the reason for a 401 or 403 in one sentence.
func Because(st *told.Story) say.Message {
	if n := len(st.Authentication); n > 0 && st.User == "" {
		last := st.Authentication[n-1]
		for _, c := range last.Checks {
			if c.Outcome == "failed" {
				return reason(c.Code, c.Params, st.At)
			}
		}
		return reason(last.Code, last.Params, st.At)
	}
	return say.Message{Code: "why.may-not", Params: say.Params{"what": place(st)}}
}

// Sender is who sent a request; of an impersonation, both.
func Sender(st *told.Story) string {
	if st.Real != "" {
		return short(st.Real) + " as " + short(st.User)
	}
	return st.User
}

// place is what was wanted, with the namespace as kubectl takes it.
func place(st *told.Story) string {
	what := Wanted(st.Request, strings.TrimSpace(st.Path))
	if st.Resource == "" {
		what = st.Verb + " " + st.Path
	}
	switch {
	case st.Namespaced && st.Namespace == "":
		what += " -A"
	case st.Namespaced:
		what += " -n " + st.Namespace
	}
	return what
}

// short is a user name short enough for a line.
func short(user string) string {
	if account, ok := strings.CutPrefix(user, "system:serviceaccount:"); ok {
		return "sa " + account
	}
	if user == "" {
		return "nobody"
	}
	return user
}

// shorten cuts a text that is too wide for its column, in the middle, where names differ least.
func shorten(text string, columns int) string {
	if say.Width(text) <= columns {
		return text
	}
	const dots = ".."
	runes := []rune(text)
	head, tail := (columns-len(dots)+1)/2, (columns-len(dots))/2
	for say.Width(string(runes[:head])) > (columns-len(dots)+1)/2 {
		head--
	}
	for say.Width(string(runes[len(runes)-tail:])) > (columns-len(dots))/2 {
		tail--
	}
	return string(runes[:head]) + dots + string(runes[len(runes)-tail:])
}

package awk

import (
	"fmt"
	"strconv"
	"strings"
)

// token is a word of a program: kind is what it is ("name", "number", "string", "regex", "newline", "eof",
// a keyword or an operator), text what it says.
type token struct {
	kind, text string
	call       bool // a name right before a parenthesis
}

var keywords = words("BEGIN END if else while for do in print printf next exit break continue delete")

var builtins = words("length substr index split sub gsub match sprintf tolower toupper int sqrt exp log sin cos atan2 rand srand systime")

func words(list string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(list) {
		m[w] = true
	}
	return m
}

// operators, longest first.
var operators = []string{
	"**=", "**", "&&", "||", "++", "--", "+=", "-=", "*=", "/=", "%=", "^=", "==", "<=", ">=", "!=", "!~", ">>",
	"{", "}", "(", ")", "[", "]", ";", ",", "+", "-", "*", "/", "%", "^", "!", ">", "<", "|", "?", ":", "~", "$", "=",
}

// scan takes a program apart.
func scan(src string) ([]token, error) {
	var out []token
	for i := 0; i < len(src); {
		switch c := src[i]; {
		case c == ' ' || c == '\t' || c == '\r':
			i++
		case c == '\\' && strings.HasPrefix(src[i:], "\\\n"):
			i += 2
		case c == '#':
			for i < len(src) && src[i] != '\n' {
				i++
			}
		case c == '\n':
			out = append(out, token{kind: "newline"})
			i++
		case c >= '0' && c <= '9' || c == '.' && i+1 < len(src) && digit(src[i+1]):
			n := numberLen(src[i:])
			out = append(out, token{kind: "number", text: src[i : i+n]})
			i += n
		case letter(c):
			n := i
			for n < len(src) && (letter(src[n]) || digit(src[n])) {
				n++
			}
			name := src[i:n]
			t := token{kind: "name", text: name, call: n < len(src) && src[n] == '('}
			switch {
			case keywords[name]:
				t.kind = name
			case builtins[name]:
				t.kind = "builtin"
			case name == "function" || name == "func" || name == "getline":
				return nil, fmt.Errorf("%s is not simulated", name)
			}
			out = append(out, t)
			i = n
		case c == '"':
			text, n, err := quoted(src[i:], '"')
			if err != nil {
				return nil, err
			}
			out = append(out, token{kind: "string", text: unescape(text)})
			i += n
		case c == '/' && regexAllowed(out):
			text, n, err := quoted(src[i:], '/')
			if err != nil {
				return nil, err
			}
			out = append(out, token{kind: "regex", text: strings.ReplaceAll(text, `\/`, "/")})
			i += n
		default:
			op := ""
			for _, o := range operators {
				if strings.HasPrefix(src[i:], o) {
					op = o
					break
				}
			}
			if op == "" {
				return nil, fmt.Errorf("syntax error at %q", src[i:min(i+10, len(src))])
			}
			i += len(op)
			out = append(out, token{kind: strings.Replace(op, "**", "^", 1)})
		}
	}
	return append(out, token{kind: "eof"}), nil
}

func letter(c byte) bool { return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }
func digit(c byte) bool  { return c >= '0' && c <= '9' }

// regexAllowed says whether a slash begins a regular expression: not after what can be divided.
func regexAllowed(before []token) bool {
	if len(before) == 0 {
		return true
	}
	switch before[len(before)-1].kind {
	case "name", "number", "string", ")", "]", "$", "++", "--", "builtin":
		return false
	}
	return true
}

// quoted returns what stands between two delimiters, escapes kept, and how long it is with them.
func quoted(src string, end byte) (text string, n int, err error) {
	for i := 1; i < len(src); i++ {
		switch src[i] {
		case '\\':
			i++
		case '\n':
			return "", 0, fmt.Errorf("a string or regular expression does not end: %s", src[:i])
		case end:
			return src[1:i], i + 1, nil
		}
	}
	return "", 0, fmt.Errorf("a string or regular expression does not end: %s", src)
}

// unescape reads the escapes of a string.
func unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		i++
		switch s[i] {
		case 'n':
			b.WriteByte('\n')
		case 't':
			b.WriteByte('\t')
		case 'r':
			b.WriteByte('\r')
		case '"', '/', '\\':
			b.WriteByte(s[i])
		case '0', '1', '2', '3', '4', '5', '6', '7':
			n := i
			for n < len(s) && n < i+3 && s[n] >= '0' && s[n] <= '7' {
				n++
			}
			v, _ := strconv.ParseUint(s[i:n], 8, 16)
			b.WriteByte(byte(v))
			i = n - 1
		default: // for a regular expression made of a string
			b.WriteByte('\\')
			b.WriteByte(s[i])
		}
	}
	return b.String()
}

// numberLen is how much of s is a decimal number.
func numberLen(s string) int {
	i := 0
	for i < len(s) && digit(s[i]) {
		i++
	}
	if i < len(s) && s[i] == '.' {
		i++
		for i < len(s) && digit(s[i]) {
			i++
		}
	}
	if i == 0 || i == 1 && s[0] == '.' {
		return 0
	}
	if i < len(s) && (s[i] == 'e' || s[i] == 'E') {
		j := i + 1
		if j < len(s) && (s[j] == '+' || s[j] == '-') {
			j++
		}
		if j < len(s) && digit(s[j]) {
			for j < len(s) && digit(s[j]) {
				j++
			}
			i = j
		}
	}
	return i
}

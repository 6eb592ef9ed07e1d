package say

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// render fills a template in. A mistake in a template shows as it stands there,
// and fails TestTemplates.
func (s Speaker) render(template string, params Params) string {
	var b strings.Builder
	b.Grow(len(template) + 32)
	for len(template) > 0 {
		i := strings.IndexAny(template, "{}")
		if i < 0 {
			b.WriteString(template)
			break
		}
		b.WriteString(template[:i])
		rest := template[i:]
		if strings.HasPrefix(rest, "{{") || strings.HasPrefix(rest, "}}") {
			b.WriteByte(rest[0])
			template = rest[2:]
			continue
		}
		end := strings.IndexByte(rest, '}')
		if rest[0] == '}' || end < 0 {
			b.WriteString(rest)
			break
		}
		b.WriteString(s.field(rest[1:end], params))
		template = rest[end+1:]
	}
	return b.String()
}

// field renders what stands between braces: a name, or a name and the forms to
// choose from.
func (s Speaker) field(field string, params Params) string {
	name, forms, hasForms := strings.Cut(field, ":")
	value, ok := params[name]
	if !ok {
		return "{" + field + "}"
	}
	if !hasForms {
		return s.value(value)
	}
	if one, many, ok := strings.Cut(forms, "|"); ok {
		if s.value(value) == "1" {
			return one
		}
		return many
	}
	closed, open, _ := strings.Cut(forms, "/")
	rendered := s.value(value)
	return rendered + particle(rendered, closed, open)
}

// value renders one parameter.
func (s Speaker) value(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case int:
		return strconv.Itoa(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case time.Duration:
		return s.Duration(v)
	case time.Time:
		return Clock(v)
	case []string:
		return strings.Join(v, ", ")
	case Message:
		return s.Message(v)
	case []Message:
		sentences := make([]string, len(v))
		for i, m := range v {
			sentences[i] = s.Message(m)
		}
		return strings.Join(sentences, ", ")
	case error:
		return s.Error(v)
	case nil:
		return ""
	default:
		return fmt.Sprint(v)
	}
}

// Clock returns the time of day in UTC, as kubemint's lines begin.
func Clock(t time.Time) string { return t.UTC().Format("15:04:05") }

// Duration returns a length of time as people say it: two units at most, and no
// more precision than its size deserves (6m57s, 48m, 5h20m, 364 days).
func (s Speaker) Duration(d time.Duration) string {
	sign := ""
	if d < 0 {
		sign, d = "-", -d
	}
	units := [...]string{" days", "h", "m", "s", "ms"}
	gap := ""
	if s.Language() == Korean {
		units = [...]string{"일", "시간", "분", "초", "밀리초"}
		gap = " "
	}
	n := func(d, unit time.Duration) string { return strconv.FormatInt(int64(d/unit), 10) }
	const day = 24 * time.Hour
	switch {
	case d == 0:
		return "0" + units[3]
	case d < time.Second:
		return sign + n(d, time.Millisecond) + units[4]
	case d < time.Minute:
		return sign + n(d, time.Second) + units[3]
	case d < 10*time.Minute:
		return sign + n(d, time.Minute) + units[2] + remainder(d%time.Minute, time.Second, gap, units[3])
	case d < time.Hour:
		return sign + n(d, time.Minute) + units[2]
	case d < 2*day:
		return sign + n(d, time.Hour) + units[1] + remainder(d%time.Hour, time.Minute, gap, units[2])
	default:
		return sign + n(d, day) + units[0]
	}
}

func remainder(d, unit time.Duration, gap, name string) string {
	if d < unit {
		return ""
	}
	return gap + strconv.FormatInt(int64(d/unit), 10) + name
}

package tools

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

func date(ctx context.Context, c *Call) int {
	opts, rest, err := options(c.Args, "uRId:", map[string]string{"utc": "u", "iso-8601": "I", "rfc-3339": "I", "date": "d:"})
	if err != nil {
		return c.usage(err)
	}
	f, now := flagsOf(opts), c.Host.Now(ctx).UTC()
	for _, o := range opts {
		if o.name == "d" {
			if now, err = whenOf(o.value, now); err != nil {
				return c.fail("invalid date '%s'", o.value)
			}
		}
	}
	format := "%a %b %e %H:%M:%S %Z %Y"
	switch {
	case f["I"]:
		format = "%Y-%m-%d"
	case f["R"]:
		format = "%a, %d %b %Y %H:%M:%S +0000"
	}
	if len(rest) > 0 {
		var ok bool
		if format, ok = strings.CutPrefix(rest[0], "+"); !ok {
			return c.fail("cannot set date: Operation not permitted")
		}
	}
	fmt.Fprintln(c.Out, strftime(format, now))
	return 0
}

// whenOf reads @SECONDS, a date, or "now".
func whenOf(text string, now time.Time) (time.Time, error) {
	if s, ok := strings.CutPrefix(text, "@"); ok {
		n, err := strconv.ParseInt(s, 10, 64)
		return time.Unix(n, 0).UTC(), err
	}
	if text == "now" {
		return now, nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC(), nil
		}
	}
	return now, errors.New("unknown form")
}

func strftime(format string, t time.Time) string {
	var b strings.Builder
	for i := 0; i < len(format); i++ {
		if format[i] != '%' || i+1 == len(format) {
			b.WriteByte(format[i])
			continue
		}
		i++
		switch format[i] {
		case 'Y':
			b.WriteString(t.Format("2006"))
		case 'm':
			b.WriteString(t.Format("01"))
		case 'd':
			b.WriteString(t.Format("02"))
		case 'e':
			b.WriteString(t.Format("_2"))
		case 'H':
			b.WriteString(t.Format("15"))
		case 'M':
			b.WriteString(t.Format("04"))
		case 'S':
			b.WriteString(t.Format("05"))
		case 'N':
			fmt.Fprintf(&b, "%09d", t.Nanosecond())
		case 'a':
			b.WriteString(t.Format("Mon"))
		case 'A':
			b.WriteString(t.Format("Monday"))
		case 'b':
			b.WriteString(t.Format("Jan"))
		case 'B':
			b.WriteString(t.Format("January"))
		case 'Z':
			b.WriteString("UTC")
		case 'z':
			b.WriteString("+0000")
		case 's':
			b.WriteString(strconv.FormatInt(t.Unix(), 10))
		case 'T':
			b.WriteString(t.Format("15:04:05"))
		case 'F':
			b.WriteString(t.Format("2006-01-02"))
		case 'D':
			b.WriteString(t.Format("01/02/06"))
		case 'y':
			b.WriteString(t.Format("06"))
		case 'j':
			fmt.Fprintf(&b, "%03d", t.YearDay())
		case 'n':
			b.WriteByte('\n')
		case '%':
			b.WriteByte('%')
		default:
			b.WriteString(format[i-1 : i+1])
		}
	}
	return b.String()
}

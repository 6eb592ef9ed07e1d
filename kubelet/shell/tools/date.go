package tools

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

func date(ctx context.Context, c *Call) int {
	opts, rest, err := options(isoDate(c.Args), "uRI:d:s:r:", map[string]string{"utc": "u", "rfc-3339": "I:", "date": "d:", "rfc-email": "R", "universal": "u", "reference": "r:", "set": "s:"})
	if err != nil {
		return c.usage(err)
	}
	f, now, iso := flagsOf(opts), c.Host.Now(ctx).UTC(), ""
	for _, o := range opts {
		switch o.name {
		case "s":
			return c.fail(c.word("can't set date: Operation not permitted", "cannot set date: Operation not permitted"))
		case "r":
			i, err := c.FS.Stat(c.Path(o.value))
			if err != nil {
				return c.fail("%s: %s", o.value, Reason(err))
			}
			now = i.ModTime().UTC()
		case "I":
			iso = o.value
		case "d":
			if now, err = whenOf(o.value, now); err != nil {
				return c.fail("invalid date '%s'", o.value)
			}
		}
	}
	format := "%a %b %e %H:%M:%S %Z %Y"
	switch {
	case f["I"]:
		format = map[string]string{"hours": "%Y-%m-%dT%H%:z", "minutes": "%Y-%m-%dT%H:%M%:z", "seconds": "%Y-%m-%dT%H:%M:%S%:z", "ns": "%Y-%m-%dT%H:%M:%S,%N%:z"}[iso]
		if format == "" {
			format = "%Y-%m-%d"
		}
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

// isoDate gives -I, whose value may be missing, one.
func isoDate(args []string) []string {
	out := slices.Clone(args)
	for i, a := range out {
		switch {
		case a == "-I" || a == "--iso-8601":
			out[i] = "-Idate"
		case a == "-Is" || a == "-uIs":
			out[i] = "-Iseconds"
		case strings.HasPrefix(a, "--iso-8601="):
			out[i] = "-I" + strings.TrimPrefix(a, "--iso-8601=")
		}
	}
	return out
}

// whenOf reads @SECONDS, a date, or words such as "now", "tomorrow", "2 hours ago" and "+1 day", also behind a
// date.
func whenOf(text string, now time.Time) (time.Time, error) {
	text = strings.TrimSpace(text)
	if s, ok := strings.CutPrefix(text, "@"); ok {
		n, err := strconv.ParseInt(s, 10, 64)
		return time.Unix(n, 0).UTC(), err
	}
	words := strings.Fields(text)
	at := now
	for n := min(len(words), 6); n > 0; n-- { // the longest beginning that is a date
		if t, ok := dateIn(strings.Join(words[:n], " "), now); ok {
			at, words = t, words[n:]
			break
		}
	}
	for len(words) > 0 {
		n, ago := 1, len(words) > 2 && words[2] == "ago"
		var err error
		switch w := strings.ToLower(words[0]); w {
		case "now", "today":
			words = words[1:]
			continue
		case "tomorrow":
			at, words = at.AddDate(0, 0, 1), words[1:]
			continue
		case "yesterday":
			at, words = at.AddDate(0, 0, -1), words[1:]
			continue
		case "next":
		case "last":
			n = -1
		default:
			number, unit := w, ""
			if end := strings.IndexFunc(w, func(r rune) bool { return r >= 'a' && r <= 'z' }); end > 0 { // 1day
				number, unit = w[:end], w[end:]
			}
			if n, err = strconv.Atoi(number); err != nil || n > 1e6 || n < -1e6 {
				return now, errors.New("unknown form")
			}
			if unit != "" {
				words = append([]string{number, unit}, words[1:]...)
				ago = len(words) > 2 && words[2] == "ago"
			}
		}
		if len(words) < 2 {
			return now, errors.New("unknown form")
		}
		if ago {
			n = -n
		}
		switch strings.TrimSuffix(strings.ToLower(words[1]), "s") {
		case "second", "sec":
			at = at.Add(time.Duration(n) * time.Second)
		case "minute", "min":
			at = at.Add(time.Duration(n) * time.Minute)
		case "hour":
			at = at.Add(time.Duration(n) * time.Hour)
		case "day":
			at = at.AddDate(0, 0, n)
		case "week":
			at = at.AddDate(0, 0, 7*n)
		case "month":
			at = at.AddDate(0, n, 0)
		case "year":
			at = at.AddDate(n, 0, 0)
		default:
			return now, errors.New("unknown form")
		}
		words = words[2:]
		if ago {
			words = words[1:]
		}
	}
	return at.UTC(), nil
}

// dateIn reads a date, or a time of the day.
func dateIn(text string, now time.Time) (time.Time, bool) {
	for _, layout := range []string{
		time.RFC3339, "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02", "20060102", "2006/01/02", "2006-01-02 15:04:05 MST", "2006-01-02 15:04:05 -0700",
		time.RFC1123, time.RFC1123Z, time.UnixDate, "Jan 2 2006", "Jan 2, 2006", "2 Jan 2006", "Jan _2 15:04:05 2006 MST", "01/02/2006",
	} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC(), true
		}
	}
	for _, layout := range []string{"15:04:05", "15:04"} {
		if t, err := time.Parse(layout, text); err == nil {
			return time.Date(now.Year(), now.Month(), now.Day(), t.Hour(), t.Minute(), t.Second(), 0, time.UTC), true
		}
	}
	return now, false
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
		case ':':
			if i+1 < len(format) && format[i+1] == 'z' {
				i++
				b.WriteString("+00:00")
			} else {
				b.WriteString("%:")
			}
		case '3':
			if i+1 < len(format) && format[i+1] == 'N' {
				i++
				fmt.Fprintf(&b, "%03d", t.Nanosecond()/1e6)
			} else {
				b.WriteString("%3")
			}
		case 'R':
			b.WriteString(t.Format("15:04"))
		case 'I':
			b.WriteString(t.Format("03"))
		case 'p':
			b.WriteString(t.Format("PM"))
		case 'u':
			fmt.Fprint(&b, (int(t.Weekday())+6)%7+1)
		case 'h':
			b.WriteString(t.Format("Jan"))
		case 'c':
			b.WriteString(t.Format("Mon Jan _2 15:04:05 2006"))
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

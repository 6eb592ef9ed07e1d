package token

import "log/slog"

// LogValue shows the end of a token and never its text.
func (t Token) LogValue() slog.Value {
	return slog.GroupValue(slog.Time("expires", t.Life.Expires), slog.Int64("seconds", t.Life.Seconds))
}

// String keeps the text out of formatted output as well.
func (t Token) String() string {
	return "token ending " + t.Life.Expires.UTC().Format("2006-01-02T15:04:05Z")
}

// GoString keeps the text out of %#v.
func (t Token) GoString() string { return t.String() }

package token

import (
	"bytes"
	"encoding/binary"
	"strings"
	"unicode"
	"unicode/utf16"
)

// Clean takes a token out of what people paste: line breaks and blanks anywhere, a byte order mark, UTF-16 as a Windows shell writes
// it into files, quotes around, a leading "Bearer" or the whole header line. What is left may be no token at all.
func Clean(input []byte) string {
	text := fromUTF16(input)
	text = strings.TrimPrefix(text, "\ufeff")
	text = strings.Trim(strings.TrimSpace(text), `"'`)
	if rest, ok := cutFold(text, "authorization:"); ok {
		text = strings.TrimSpace(rest)
	}
	if rest, ok := cutFold(text, "bearer"); ok && rest != strings.TrimLeftFunc(rest, unicode.IsSpace) {
		text = rest
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == 0 || r == '\ufeff' {
			return -1
		}
		return r
	}, text)
}

func cutFold(s, prefix string) (rest string, ok bool) {
	if len(s) < len(prefix) || !strings.EqualFold(s[:len(prefix)], prefix) {
		return s, false
	}
	return s[len(prefix):], true
}

// fromUTF16 decodes UTF-16 of either byte order, with a mark or, as a token is ASCII, known by its zero bytes.
func fromUTF16(b []byte) string {
	var order binary.ByteOrder
	switch {
	case len(b) < 2:
	case bytes.HasPrefix(b, []byte{0xff, 0xfe}), b[0] != 0 && b[1] == 0:
		order = binary.LittleEndian
	case bytes.HasPrefix(b, []byte{0xfe, 0xff}), b[0] == 0 && b[1] != 0:
		order = binary.BigEndian
	}
	if order == nil {
		return string(b)
	}
	units := make([]uint16, len(b)/2)
	for i := range units {
		units[i] = order.Uint16(b[2*i:])
	}
	return string(utf16.Decode(units))
}

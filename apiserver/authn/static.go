package authn

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/kubemint/kubemint/apiserver/request"
)

// StaticTokens is a token file, read once (USR-5). It keeps hashes only. A nil *StaticTokens knows no token.
type StaticTokens struct {
	users    map[[sha256.Size]byte]staticUser
	lengths  map[int]bool // of the tokens, so that others cost no hash
	warnings []string
}

type staticUser struct {
	user *request.User
	line int
}

// LoadStaticTokens reads the file of --token-auth-file. Errors name the file and the line, never what stands in it.
func LoadStaticTokens(path string) (*StaticTokens, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read token file: %w", err)
	}
	s, err := ParseStaticTokens(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("read token file %s: %w", path, err)
	}
	return s, nil
}

// ParseStaticTokens reads lines of token,user,uid[,"group1,group2"]. Fewer columns are an error, an empty token is skipped, and of a
// token that comes twice the last line counts; the latter two leave a warning.
func ParseStaticTokens(r io.Reader) (*StaticTokens, error) {
	s := &StaticTokens{users: map[[sha256.Size]byte]staticUser{}, lengths: map[int]bool{}}
	in := csv.NewReader(r)
	in.FieldsPerRecord = -1
	for {
		record, err := in.Read()
		if errors.Is(err, io.EOF) {
			return s, nil
		}
		var bad *csv.ParseError
		if errors.As(err, &bad) {
			return nil, fmt.Errorf("line %d: %w", bad.Line, bad.Err)
		}
		if err != nil {
			return nil, err
		}
		line, _ := in.FieldPos(0)
		switch {
		case len(record) < 3:
			return nil, fmt.Errorf("line %d: %d columns, but token, user name and user uid are needed", line, len(record))
		case record[0] == "":
			s.warnings = append(s.warnings, fmt.Sprintf("line %d: empty token, skipped", line))
			continue
		case record[1] == "":
			return nil, fmt.Errorf("line %d: empty user name", line)
		}
		u := &request.User{Name: record[1], UID: record[2]}
		if len(record) > 3 && record[3] != "" {
			u.Groups = strings.Split(record[3], ",")
		}
		u.Groups = withAuthenticated(u.Groups)
		hash := sha256.Sum256([]byte(record[0]))
		if before, ok := s.users[hash]; ok {
			s.warnings = append(s.warnings, fmt.Sprintf("line %d: the token of line %d again; this line counts", line, before.line))
		}
		s.users[hash], s.lengths[len(record[0])] = staticUser{u, line}, true
	}
}

// Warnings are what was odd but accepted, with line numbers.
func (s *StaticTokens) Warnings() []string { return s.warnings }

// Line is where the file has this token, for explanations; 0 if it has not.
func (s *StaticTokens) Line(raw string) (line int, user string) {
	if s == nil {
		return 0, ""
	}
	if u, ok := s.users[sha256.Sum256([]byte(raw))]; ok {
		return u.line, u.user.Name
	}
	return 0, ""
}

// user compares hashes, not tokens: the time it takes tells nothing about a token.
func (s *StaticTokens) user(raw string) *request.User {
	if s == nil || !s.lengths[len(raw)] {
		return nil
	}
	return s.users[sha256.Sum256([]byte(raw))].user
}

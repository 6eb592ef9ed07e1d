package say

import (
	"slices"
	"strings"
)

// particle chooses between two forms of a Korean particle by the last sound of
// the word before it: closed after a final consonant (은, 이, 을, 과, 으로), open
// after a vowel (는, 가, 를, 와, 로). 으로 is closed only after consonants other
// than ㄹ.
func particle(word, closed, open string) string {
	sound := lastSound(word)
	if sound == vowel || sound == rieul && strings.HasPrefix(closed, "으로") {
		return open
	}
	return closed
}

type sound int

const (
	vowel sound = iota
	rieul
	consonant
)

// lastSound tells how a word ends when it is read aloud in Korean. For Latin
// words this follows how they are usually written in Hangul: l gives ㄹ (role is
// 롤), m, n and ng close (token is 토큰), and so do p, t, k, b and c after a short
// vowel (map is 맵, secret 시크릿, rollback 롤백); everything else gets a vowel
// (pod is 파드, list 리스트, update 업데이트).
func lastSound(word string) sound {
	word = strings.TrimRight(word, "\"'`)]}.,!? ")
	if word == "" {
		return vowel
	}
	runes := []rune(word)
	last := runes[len(runes)-1]
	switch {
	case last >= 0xAC00 && last <= 0xD7A3: // a Hangul syllable: the final is its remainder by 28
		switch (last - 0xAC00) % 28 {
		case 0:
			return vowel
		case 8:
			return rieul
		}
		return consonant
	case last >= '0' && last <= '9':
		switch last {
		case '1', '7', '8': // 일, 칠, 팔
			return rieul
		case '0', '3', '6': // 영, 삼, 육
			return consonant
		}
		return vowel
	}
	lower := strings.ToLower(word)
	switch {
	case strings.HasSuffix(lower, "l"), strings.HasSuffix(lower, "le"):
		return rieul
	case strings.HasSuffix(lower, "m"), strings.HasSuffix(lower, "n"), strings.HasSuffix(lower, "ng"), stopped(lower):
		return consonant
	}
	return vowel
}

// Words whose last stop is written the other way round than stopped tells.
var (
	openStops   = []string{"check", "kit", "bit"} // 체크, 키트, 비트
	closedStops = []string{"group", "book"}       // 그룹, 북
)

// stopped says whether a word in small Latin letters ends in a stop that closes its syllable: p, t, k, b, c, ck or pp
// after a single vowel letter.
func stopped(word string) bool {
	ends := func(suffix string) bool { return strings.HasSuffix(word, suffix) }
	if slices.ContainsFunc(openStops, ends) {
		return false
	}
	if slices.ContainsFunc(closedStops, ends) {
		return true
	}
	before, ok := strings.CutSuffix(word, "ck")
	if !ok {
		before, ok = strings.CutSuffix(word, "pp")
	}
	if !ok {
		if word == "" || !strings.ContainsRune("ptkbc", rune(word[len(word)-1])) {
			return false
		}
		before = word[:len(word)-1]
	}
	isVowel := func(i int) bool { return i >= 0 && strings.ContainsRune("aeiou", rune(before[i])) }
	return isVowel(len(before)-1) && !isVowel(len(before)-2)
}

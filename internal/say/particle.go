package say

import "strings"

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
// words this follows how they are usually written in Hangul (pod is 파드 and
// token 토큰): l gives ㄹ, m, n and ng close, everything else gets a vowel.
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
	case strings.HasSuffix(lower, "m"), strings.HasSuffix(lower, "n"), strings.HasSuffix(lower, "ng"):
		return consonant
	}
	return vowel
}

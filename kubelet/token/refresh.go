package token

import "time"

// The two constants of the rule (KUB-3).
const (
	// MaxTTL is the age at which a token is renewed whatever its own life is.
	MaxTTL = 24 * time.Hour
	// MaxJitter bounds, exclusively, what is drawn at each check so that the tokens of a node
	// do not all fall due in the same second.
	MaxJitter = 10 * time.Second
)

// Life is what the rule looks at: the end the API server announced, and the seconds it said the
// token was made for. The end written into the JWT may be a year later and plays no part (KUB-4).
type Life struct {
	Expires time.Time
	Seconds int64
}

// Issued is the moment the life began, as the kubelet reckons it: backwards from the end.
func (l Life) Issued() time.Time {
	return l.Expires.Add(-time.Duration(l.Seconds) * time.Second)
}

// Threshold is the moment after which the token is renewed, for one drawn jitter: a day after it
// was issued, or when a fifth of its life is left, whichever comes first (KUB-3).
func (l Life) Threshold(jitter time.Duration) time.Time {
	day := l.Issued().Add(MaxTTL)
	fifth := l.Expires.Add(-time.Duration(l.Seconds*20/100) * time.Second)
	if day.Before(fifth) {
		return day.Add(-jitter)
	}
	return fifth.Add(-jitter)
}

// NeedsRefresh says whether a token with this life is to be renewed at now. The jitter is whole
// seconds from 0 to 9, drawn anew by the caller for each check. A token that never said for how
// long it was made (Seconds 0) or when it ends is never renewed.
func NeedsRefresh(now time.Time, l Life, jitter time.Duration) bool {
	if l.Seconds <= 0 || l.Expires.IsZero() {
		return false
	}
	return now.After(l.Threshold(jitter))
}

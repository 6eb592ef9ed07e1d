package rbac

// Meant finds the word that somebody probably meant who wrote one that does not exist: the only one that is a slip away. It is for
// questions, where a wrong guess costs nothing; what stands in a role is compared more strictly.
func Meant(written string, words []string) (string, bool) {
	for limit := 1; limit <= 2; limit++ {
		found, best := "", 0
		for _, w := range words {
			if min(len(written), len(w)) > 2*limit && w != written && distance(written, w, limit) <= limit {
				if w != found {
					best++
				}
				found = w
			}
		}
		if best > 0 {
			return found, best == 1
		}
	}
	return "", false
}

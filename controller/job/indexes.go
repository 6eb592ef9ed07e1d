package job

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// indexSet is a set of completion indexes, written as in "1,3-5,7".
type indexSet map[int]struct{}

func (s indexSet) add(i int) { s[i] = struct{}{} }

// maxIndex bounds what parseIndexes reads: a status that people wrote must not eat the memory.
const maxIndex = 100_000

// parseIndexes reads a set; what it cannot read it leaves out.
func parseIndexes(text string) indexSet {
	s := indexSet{}
	for part := range strings.SplitSeq(text, ",") {
		from, to, isRange := strings.Cut(part, "-")
		first, err := strconv.Atoi(from)
		if err != nil || first < 0 || first > maxIndex {
			continue
		}
		last := first
		if isRange {
			if last, err = strconv.Atoi(to); err != nil || last > maxIndex {
				continue
			}
		}
		for i := first; i <= last; i++ {
			s.add(i)
		}
	}
	return s
}

func (s indexSet) String() string {
	all := slices.Sorted(maps.Keys(s))
	var parts []string
	for i := 0; i < len(all); {
		j := i
		for j+1 < len(all) && all[j+1] == all[j]+1 {
			j++
		}
		switch j - i {
		case 0:
			parts = append(parts, strconv.Itoa(all[i]))
		case 1:
			parts = append(parts, strconv.Itoa(all[i]), strconv.Itoa(all[j]))
		default:
			parts = append(parts, fmt.Sprintf("%d-%d", all[i], all[j]))
		}
		i = j + 1
	}
	return strings.Join(parts, ",")
}

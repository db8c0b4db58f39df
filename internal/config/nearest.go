package config

import "strings"

// nearestKey returns the path of the key that was probably meant by name: one that is spelled nearly so beside it, or
// the only one of that very name elsewhere. It is empty when there is none.
func nearestKey(name string, siblings, root []key) string {
	names := make([]string, len(siblings))
	for i, k := range siblings {
		names[i] = k.name
	}
	if i := nearest(name, names); i >= 0 {
		return siblings[i].path
	}
	path := ""
	for _, k := range leaves(root) {
		if plain(k.name) != plain(name) && plain(k.path) != plain(name) {
			continue
		}
		if path != "" {
			return ""
		}
		path = k.path
	}
	return path
}

// nearest returns the index of the candidate that differs from name in at most two letters and less than half of
// them, or -1.
func nearest(name string, candidates []string) int {
	best, bestDistance := -1, 3
	for i, c := range candidates {
		distance := distance(plain(name), plain(c))
		if distance < bestDistance && 2*distance < len(plain(c)) {
			best, bestDistance = i, distance
		}
	}
	return best
}

// plain drops what only spells a key in another style: maxSeats, max-seats and MAX_SEATS.
func plain(name string) string {
	return strings.NewReplacer("_", "", "-", "", ".", "").Replace(strings.ToLower(name))
}

// distance is the number of letters to insert, delete or replace to get from a to b.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replaced := diagonal
			if a[i] != b[j] {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(replaced, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

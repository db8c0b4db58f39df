package transfer

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
)

// Sum is what is in a table: how many rows, and a checksum of them. The checksum is the sum of the SHA-256 of all rows, so their
// order makes no difference.
type Sum struct {
	Rows int64
	hash [4]uint64
}

// Checksum is the checksum as it is shown: 16 hexadecimal digits of it.
func (s Sum) Checksum() string { return s.text()[:16] }

func (s Sum) text() string {
	var all [32]byte
	for i, part := range s.hash {
		binary.BigEndian.PutUint64(all[8*i:], part)
	}
	return hex.EncodeToString(all[:])
}

// field is one value of a row: nil, an int64, a string or bytes, under the name that the column has in PostgreSQL.
type field struct {
	name  string
	value any
}

// adder adds rows up. It uses its memory again.
type adder struct {
	Sum
	row []byte
}

// add adds a row. Its fields may come in any order.
func (a *adder) add(fields []field) error {
	slices.SortFunc(fields, func(x, y field) int { return strings.Compare(x.name, y.name) })
	a.row = a.row[:0]
	for _, f := range fields {
		a.bytes('c', f.name)
		switch v := f.value.(type) {
		case nil:
			a.row = append(a.row, 'n')
		case int64:
			a.row = binary.BigEndian.AppendUint64(append(a.row, 'i'), uint64(v))
		case string:
			a.bytes('t', v)
		case []byte:
			a.bytes('b', string(v))
		default:
			return fmt.Errorf("column %s holds %T", f.name, v)
		}
	}
	digest := sha256.Sum256(a.row)
	for i := range a.hash {
		a.hash[i] += binary.BigEndian.Uint64(digest[8*i:])
	}
	a.Rows++
	return nil
}

func (a *adder) bytes(kind byte, text string) {
	a.row = binary.AppendUvarint(append(a.row, kind), uint64(len(text)))
	a.row = append(a.row, text...)
}

// sums are those of all tables, by their names.
type sums map[string]Sum

// identity says what was summed up.
func (s sums) identity() string {
	var all adder
	for name, sum := range s {
		fields := []field{{"name", name}, {"rows", sum.Rows}, {"sum", sum.text()}}
		_ = all.add(fields) // these can be added
	}
	return all.text()
}

func (s sums) rows() (n int64) {
	for _, sum := range s {
		n += sum.Rows
	}
	return n
}

// valid is text with U+FFFD in place of what is no UTF-8. Errors that app servers caused may have such.
func valid(text string) string { return strings.ToValidUTF8(text, "\uFFFD") }

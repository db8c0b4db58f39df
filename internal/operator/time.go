package operator

import "time"

const timeForm = "2006-01-02T15:04:05.000Z07:00"

// Time is a point in time as the API writes it: RFC 3339 in UTC with milliseconds. The zero Time is left out.
type Time time.Time

// IsZero tells whether there is no time.
func (t Time) IsZero() bool { return time.Time(t).IsZero() }

// String is the time as the API writes it.
func (t Time) String() string { return time.Time(t).UTC().Format(timeForm) }

// MarshalText writes the time.
func (t Time) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// UnmarshalText reads a time in any form of RFC 3339.
func (t *Time) UnmarshalText(text []byte) error {
	at, err := time.Parse(time.RFC3339, string(text))
	*t = Time(at)
	return err
}

// milliseconds is a duration as the API writes it, exact to the microsecond.
func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

package delivery

import (
	"math/rand/v2"
	"net/http"
	"strings"
	"time"
)

// farAway is longer than any delay that can be configured.
const farAway = 365 * 24 * time.Hour

// parseRetryAfter reads the header Retry-After, which has seconds or a date (RFC 9110, 10.2.3), as a time from now. What
// cannot be read, and what is over, is 0; what is very long is farAway.
func parseRetryAfter(value string, now time.Time) time.Duration {
	if value == "" {
		return 0
	}
	if strings.Trim(value, "0123456789") == "" {
		return seconds(strings.TrimLeft(value, "0"))
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	return min(max(at.Sub(now), 0), farAway)
}

func seconds(digits string) time.Duration {
	n := time.Duration(0)
	for _, digit := range digits {
		n = n*10 + time.Duration(digit-'0')
		if n >= farAway/time.Second {
			return farAway
		}
	}
	return n * time.Second
}

// scatter adds up to a tenth, so that those who were told the same do not come back at the same moment.
func scatter(d time.Duration) time.Duration { return d + rand.N(d/10+1) }

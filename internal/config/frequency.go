package config

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

const maxRate = 1_000_000

// Frequency says how many calls per second an app may make of a REST command: no limit (the zero value), the figures
// of the vendor's pages, or figures of the operator's own.
type Frequency struct {
	contract bool
	rates    map[string]int // service/command to calls per second
}

var commandName = regexp.MustCompile(`^[a-z0-9_]+/[a-z0-9_]+$`)

// ParseFrequency reads "off", "contract", or commands with their calls per second from 1 to 1,000,000:
// "live_engine_http_srv/create_room=50,live_engine_http_srv/add_gift=1". The error joins every mistake.
func ParseFrequency(text string) (Frequency, error) {
	switch text {
	case "off":
		return Frequency{}, nil
	case "contract":
		return Frequency{contract: true}, nil
	}
	rates := map[string]int{}
	var problems []error
	for entry := range strings.SplitSeq(text, ",") {
		command, rate, found := strings.Cut(strings.TrimSpace(entry), "=")
		if !found {
			return Frequency{}, errors.New("must be off, contract, or calls per second by command, such as live_engine_http_srv/create_room=50")
		}
		n, err := readRate(command, rate)
		if err == nil && rates[command] != 0 {
			err = fmt.Errorf("names %s twice", command)
		}
		if err != nil {
			problems = append(problems, err)
			continue
		}
		rates[command] = n
	}
	if len(problems) > 0 {
		return Frequency{}, errors.Join(problems...)
	}
	return Frequency{rates: rates}, nil
}

func readRate(command, rate string) (int, error) {
	if !commandName.MatchString(command) {
		return 0, errors.New("a command must be written service/command, such as live_engine_http_srv/create_room")
	}
	n, err := strconv.Atoi(rate)
	if err != nil || n < 1 || n > maxRate {
		return 0, fmt.Errorf("%s: calls per second must be a whole number from 1 to %d", command, maxRate)
	}
	return n, nil
}

// Off tells that no command is limited.
func (f Frequency) Off() bool { return !f.contract && len(f.rates) == 0 }

// Contract tells that the figures of the vendor's pages hold.
func (f Frequency) Contract() bool { return f.contract }

// Rate returns the operator's own figure for a command, written service/command, in calls per second. There is none
// when the command is not limited or when the contract's figures hold.
func (f Frequency) Rate(command string) (perSecond int, ok bool) {
	perSecond, ok = f.rates[command]
	return perSecond, ok
}

// Commands returns the commands that have a figure of the operator's own, sorted.
func (f Frequency) Commands() []string { return slices.Sorted(maps.Keys(f.rates)) }

// String is the form that [ParseFrequency] reads.
func (f Frequency) String() string {
	if f.contract {
		return "contract"
	}
	if f.Off() {
		return "off"
	}
	entries := make([]string, 0, len(f.rates))
	for _, command := range f.Commands() {
		entries = append(entries, command+"="+strconv.Itoa(f.rates[command]))
	}
	return strings.Join(entries, ",")
}

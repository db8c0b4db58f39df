package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/greenroom-live/greenroom/internal/operator"
	"github.com/greenroom-live/greenroom/webhook"
)

// eventFilter is which webhooks a subcommand is about.
type eventFilter struct {
	room, command, since, until string
}

func (f *eventFilter) register(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.room, "room", "", `only of that room; "" for the webhooks that are of no room`)
	flags.StringVar(&f.command, "command", "", "only of that command word; the part before After may be left out")
	flags.StringVar(&f.since, "since", "",
		"only what was committed since then: a time such as 2026-01-31T18:00:00Z, a date, or 10m for ten minutes ago")
	flags.StringVar(&f.until, "until", "", "only what was committed before that time")
	_ = cmd.RegisterFlagCompletionFunc("command", completeWord)
	_ = cmd.RegisterFlagCompletionFunc("room", cobra.NoFileCompletions)
	_ = cmd.RegisterFlagCompletionFunc("since", cobra.NoFileCompletions)
	_ = cmd.RegisterFlagCompletionFunc("until", cobra.NoFileCompletions)
}

// completeWord completes one command word.
func completeWord(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	var found []cobra.Completion
	for _, word := range webhook.Words() {
		if kind, _ := webhook.Lookup(string(word)); !kind.Switch {
			found = append(found, shortWord(word))
		}
	}
	return found, cobra.ShellCompDirectiveNoFileComp
}

// filter is what the flags that were given pick.
func (f *eventFilter) filter(cmd *cobra.Command) (operator.Filter, error) {
	out := operator.Filter{Room: given(cmd, "room", f.room)}
	if cmd.Flags().Changed("command") {
		word := fullWord(f.command)
		out.Command = &word
	}
	now := time.Now()
	var err error
	if out.From, err = moment(cmd, "since", f.since, now); err != nil {
		return out, err
	}
	if out.To, err = moment(cmd, "until", f.until, now); err != nil {
		return out, err
	}
	if out.From != nil && out.To != nil && *out.From >= *out.To {
		return out, errors.New("--until must be later than --since")
	}
	return out, nil
}

// moment reads a flag that holds a time, a date in UTC, or how long ago it was; nil when it was not given.
func moment(cmd *cobra.Command, flag, text string, now time.Time) (*string, error) {
	if !cmd.Flags().Changed(flag) {
		return nil, nil
	}
	ago, err := time.ParseDuration(text)
	at := now.Add(-ago)
	if err != nil {
		at, err = time.Parse(time.RFC3339, text)
	}
	if err != nil {
		at, err = time.Parse(time.DateOnly, text)
	}
	if err != nil {
		return nil, fmt.Errorf("--%s must be a time such as 2026-01-31T18:00:00Z, a date such as 2026-01-31, or a duration such as 10m, "+
			"unlike %q", flag, text)
	}
	written := operator.Time(at).String()
	return &written, nil
}

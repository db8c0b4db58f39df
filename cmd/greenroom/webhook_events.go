package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/spf13/cobra"

	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/internal/operator"
)

const (
	// maxPage is how many events the server gives at a time.
	maxPage = 1000
	// shownError is how much of an error is shown in a table, in characters.
	shownError = 100
)

// The states by which events are listed.
const (
	stateWaiting   = "waiting"
	stateDead      = "dead"
	stateDelivered = "delivered"
	stateFailed    = "failed"
)

func newWebhookEventsCommand(c *operatorConnection) *cobra.Command {
	var filter eventFilter
	var query operator.EventQuery
	limit := 0
	cmd := &cobra.Command{
		Use:   "events",
		Short: "List webhooks: the attempts to deliver them, those that wait, or the dead letters",
		Long: `List webhooks. Without --state it is the delivery log: every attempt, newest first. --state delivered and --state failed show
those attempts only; --state waiting shows the webhooks that are not delivered yet, room by room, and --state dead the
dead letters, in the order of their commits. Times are in UTC.`,
		Example: `  greenroom webhook events
  greenroom webhook events --state dead --since 1h
  greenroom webhook events --state waiting --room hello
  greenroom webhook events --state failed --command AfterDelMetadata --json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if limit < 1 {
				return errors.New("--limit must be 1 or more")
			}
			var err error
			if query.Filter, err = filter.filter(cmd); err != nil {
				return err
			}
			return c.call(cmd, func(ctx context.Context, api *operator.Client, app live.AppID, out io.Writer) error {
				events, next, err := listEvents(ctx, api, app, query, limit)
				if err != nil {
					return err
				}
				return writeEvents(out, query.State, events, next)
			})
		},
	}
	filter.register(cmd)
	flags := cmd.Flags()
	flags.StringVar(&query.State, "state", "", "waiting, dead, delivered or failed")
	flags.IntVar(&limit, "limit", 50, "most events to show")
	flags.StringVar(&query.After, "after", "", "where the list before ended: the last line of it says")
	_ = cmd.RegisterFlagCompletionFunc("state", cobra.FixedCompletions(
		[]cobra.Completion{stateWaiting, stateDead, stateDelivered, stateFailed}, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

// listEvents reads pages until there are enough events or no more.
func listEvents(ctx context.Context, api *operator.Client, app live.AppID, query operator.EventQuery, limit int) (
	events []operator.Event, next string, err error) {
	for {
		query.Limit = min(maxPage, limit-len(events))
		page, err := api.Events(ctx, app, query)
		if err != nil {
			return nil, "", err
		}
		events = append(events, page.Events...)
		if page.Next == "" || len(events) >= limit {
			return events, page.Next, nil
		}
		query.After = page.Next
	}
}

func writeEvents(out io.Writer, state string, events []operator.Event, next string) error {
	if len(events) == 0 {
		_, err := fmt.Fprintln(out, "no webhooks")
		return err
	}
	header, line := []string{"AT", "ID", "EVENT", "ROOM", "STATE", "ATTEMPT", "STATUS", "TOOK", "ERROR"}, attemptLine
	switch state {
	case stateWaiting:
		header, line = []string{"COMMITTED", "ID", "EVENT", "ROOM", "FAILURES", "LAST ERROR"}, waitingLine
	case stateDead:
		header, line = []string{"DIED", "ID", "EVENT", "ROOM", "COMMITTED", "FAILURES", "LAST ERROR"}, deadLine
	}
	lines := [][]string{header}
	for _, e := range events {
		lines = append(lines, line(e))
	}
	if err := table(out, lines); err != nil {
		return err
	}
	if next == "" {
		return nil
	}
	_, err := fmt.Fprintf(out, "more: --after %s\n", onLine(next))
	return err
}

func attemptLine(e operator.Event) []string {
	a := operator.Attempt{}
	if e.Attempt != nil {
		a = *e.Attempt
	}
	return []string{dash(a.At), orDash(e.ID), orDash(shortWord(e.Command)), roomCell(e.Room), orDash(e.State), strconv.Itoa(a.Number),
		statusCell(a.Status), tookCell(a.Took), orDash(shortened(cmp.Or(a.Error, complaint(a.Answer)), shownError))}
}

// complaint is what an answer that counts as a delivery says against it: ActionStatus FAIL, with its words if there are any.
func complaint(answer string) string {
	var said struct{ ActionStatus, ErrorInfo any }
	if err := json.Unmarshal([]byte(answer), &said); err != nil || said.ActionStatus != "FAIL" {
		return ""
	}
	if words, _ := said.ErrorInfo.(string); words != "" {
		return "delivered, but it answered FAIL: " + words
	}
	return "delivered, but it answered FAIL"
}

func waitingLine(e operator.Event) []string {
	return []string{dash(e.Committed), orDash(e.ID), orDash(shortWord(e.Command)), roomCell(e.Room), count(e.Failures),
		orDash(shortened(e.LastError, shownError))}
}

func deadLine(e operator.Event) []string {
	return []string{dash(e.Died), orDash(e.ID), orDash(shortWord(e.Command)), roomCell(e.Room), dash(e.Committed), count(e.Failures),
		orDash(shortened(e.LastError, shownError))}
}

func roomCell(room live.RoomID) string { return orDash(string(room)) }

// statusCell is an HTTP status, or a dash when nothing was answered.
func statusCell(status int) string {
	if status == 0 {
		return "-"
	}
	return strconv.Itoa(status)
}

func tookCell(ms float64) string { return milliseconds(time.Duration(ms * float64(time.Millisecond))) }

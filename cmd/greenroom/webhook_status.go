package main

import (
	"context"
	"fmt"
	"io"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/internal/operator"
)

func newWebhookStatusCommand(c *operatorConnection) *cobra.Command {
	return &cobra.Command{
		Use:   "status",
		Short: "Show how the webhooks of every app stand",
		Long: `Show how the webhooks of every app stand, or of one with --app: where they go, whether they are paused, the circuit breaker,
how many wait and since when, how many are dead letters, and when one was last delivered and last failed. Of several nodes, the
breaker is that of the one that answered.`,
		Example: `  greenroom webhook status
  greenroom webhook status --app 1400000123`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if cmd.Flags().Changed("app") {
				return c.call(cmd, func(ctx context.Context, api *operator.Client, app live.AppID, out io.Writer) error {
					state, err := api.App(ctx, app)
					if err != nil {
						return err
					}
					return writeApps(out, []operator.App{state})
				})
			}
			return c.callAll(cmd, func(ctx context.Context, api *operator.Client, out io.Writer) error {
				apps, err := allApps(ctx, api)
				if err != nil {
					return err
				}
				return writeApps(out, apps)
			})
		},
	}
}

func allApps(ctx context.Context, api *operator.Client) ([]operator.App, error) {
	var all []operator.App
	for after := ""; ; {
		page, err := api.Apps(ctx, after)
		if err != nil {
			return nil, err
		}
		all = append(all, page.Apps...)
		if page.Next == "" {
			return all, nil
		}
		after = page.Next
	}
}

func writeApps(out io.Writer, apps []operator.App) error {
	lines := [][]string{{"APP", "WAITING", "OLDEST", "DEAD", "BREAKER", "PAUSED", "LAST SUCCESS", "LAST FAILURE", "NODE", "URL"}}
	for _, a := range apps {
		lines = append(lines, []string{
			a.App.String(), count(a.Waiting), dash(a.Oldest), count(a.Dead), breakerCell(a.Breaker), pausedIn(a.Paused),
			lastAt(a.Success), lastAt(a.Failure), orDash(a.Node), orDash(a.URL),
		})
	}
	return table(out, lines)
}

// count is a number that may not be known yet.
func count(n *int) string {
	if n == nil {
		return "?"
	}
	return strconv.Itoa(*n)
}

// breakerCell is the state of a circuit breaker, and since when it is not closed.
func breakerCell(b *operator.Breaker) string {
	switch {
	case b == nil:
		return "-"
	case b.Since.IsZero():
		return onLine(b.State)
	}
	return onLine(b.State) + " since " + b.Since.String()
}

// pausedIn is a pause in a cell of a table.
func pausedIn(p *operator.Pause) string {
	switch {
	case p == nil:
		return "no"
	case p.Gone:
		return "410 Gone, since " + p.Since.String()
	case p.Reason == "":
		return "since " + p.Since.String()
	}
	return fmt.Sprintf("%s, since %s", onLine(shortened(p.Reason, shownValue)), p.Since)
}

func lastAt(l *operator.Last) string {
	if l == nil {
		return "-"
	}
	return l.At.String()
}

// dash is a time, or a dash for none.
func dash(t operator.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.String()
}

// orDash is text from outside in a cell of a table, or a dash for none.
func orDash(text string) string {
	if text == "" {
		return "-"
	}
	return onLine(text)
}

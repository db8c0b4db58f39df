package main

import (
	"context"
	"fmt"
	"io"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/spf13/cobra"

	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/internal/operator"
)

func newWebhookShowCommand(c *operatorConnection) *cobra.Command {
	return &cobra.Command{
		Use:   "show ID",
		Short: "Show all that is known of one webhook: what it says and every attempt to deliver it",
		Example: `  greenroom webhook show evt_01
  greenroom webhook show evt_01 --json | jq .body`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.call(cmd, func(ctx context.Context, api *operator.Client, app live.AppID, out io.Writer) error {
				story, err := api.Event(ctx, app, args[0])
				if err != nil {
					return err
				}
				return writeStory(out, story)
			})
		},
	}
}

func writeStory(out io.Writer, s operator.Story) error {
	state := onLine(s.State)
	if !s.Died.IsZero() {
		state += " since " + s.Died.String()
	}
	lines := [][]string{
		{"id", onLine(s.ID)}, {"command", onLine(string(s.Command))}, {"room", roomCell(s.Room)}, {"state", state},
		{"committed", dash(s.Committed)},
	}
	if !s.Queued.IsZero() && s.Queued != s.Committed {
		lines = append(lines, []string{"queued", s.Queued.String()})
	}
	if s.Platform != "" || s.ClientIP != "" {
		lines = append(lines, []string{"caused by", orDash(s.ClientIP) + " " + orDash(s.Platform)})
	}
	if s.Failures > 0 {
		lines = append(lines, []string{"failures", strconv.Itoa(s.Failures)}, []string{"last error", orDash(s.LastError)})
	}
	if err := table(out, lines); err != nil {
		return err
	}
	if err := writeBody(out, s.Body); err != nil {
		return err
	}
	return writeAttempts(out, s)
}

func writeBody(out io.Writer, body jsontext.Value) error {
	if body.Kind() == 'n' {
		_, err := fmt.Fprint(out, "\nwhat it says is known no more\n")
		return err
	}
	if err := body.Indent(jsontext.WithIndent("  ")); err != nil {
		return fmt.Errorf("the body: %w", err)
	}
	_, err := fmt.Fprintf(out, "\n%s\n", body)
	return err
}

func writeAttempts(out io.Writer, s operator.Story) error {
	if len(s.Attempts) == 0 {
		_, err := fmt.Fprint(out, "\nno attempt is in the delivery log\n")
		return err
	}
	lines := [][]string{{"ATTEMPT", "AT", "STATUS", "TOOK", "ERROR", "ANSWER"}}
	for _, a := range s.Attempts {
		lines = append(lines, []string{strconv.Itoa(a.Number), dash(a.At), statusCell(a.Status), tookCell(a.Took),
			orDash(shortened(a.Error, shownError)), answerCell(a)})
	}
	fmt.Fprintln(out)
	return table(out, lines)
}

// answerCell is the beginning of an answer's body, and how long the whole is when more was read than is shown.
func answerCell(a operator.Attempt) string {
	if a.AnswerBytes == 0 {
		return "-"
	}
	shown := shortened(a.Answer, shownBody)
	if len(shown) < a.AnswerBytes {
		return fmt.Sprintf("%s (%d bytes)", onLine(shown), a.AnswerBytes)
	}
	return onLine(shown)
}

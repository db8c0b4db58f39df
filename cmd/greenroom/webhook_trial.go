package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/spf13/cobra"

	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/internal/operator"
)

// trialPatience is how long test waits by default: longer than any app's time-out.
const trialPatience = 45 * time.Second

func newWebhookTestCommand(c *operatorConnection) *cobra.Command {
	var in operator.TrialRequest
	cmd := &cobra.Command{
		Use:   "test [COMMAND]",
		Short: "Send a sample webhook, and show the request and the answer",
		Long: `Send a sample webhook of any command to an app's server, signed as the app's webhooks are, and show the request and the
answer. It is sent once, past the queue: it waits for nothing, is not tried again and is not in the delivery log. The exit
code is not 0 when the answer does not count as a delivery. Without --timeout it waits for the answer for 45 s.`,
		Example: `  greenroom webhook test
  greenroom webhook test AfterDelMetadata
  greenroom webhook test BeforeSendMsg --url https://staging.example.com/webhooks`,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: completeTrial,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 {
				in.Command = fullWord(args[0])
			}
			if !cmd.Flags().Changed("timeout") {
				c.timeout = trialPatience
			}
			return c.call(cmd, func(ctx context.Context, api *operator.Client, app live.AppID, out io.Writer) error {
				trial, err := api.Test(ctx, app, in)
				if err != nil {
					return err
				}
				return writeTrial(out, trial)
			})
		},
	}
	cmd.Flags().StringVar(&in.URL, "url", "", "where to send it; the app's own webhook URL when not given")
	return cmd
}

func completeTrial(cmd *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return completeWord(cmd, args, typed)
}

// writeTrial writes both sides of a trial, and fails when it would not count as a delivery.
func writeTrial(out io.Writer, t operator.Trial) error {
	fmt.Fprintf(out, "> %s %s\n", onLine(t.Request.Method), onLine(t.Request.URL))
	writeHeaders(out, "> ", t.Request.Headers)
	if err := writeSample(out, t.Request.Body); err != nil {
		return err
	}
	if t.Answer != nil {
		fmt.Fprintf(out, "\n< %d %s\n", t.Answer.Status, http.StatusText(t.Answer.Status))
		writeHeaders(out, "< ", t.Answer.Headers)
		writeAnswer(out, *t.Answer)
	}
	if !t.Delivered {
		fmt.Fprintf(out, "\nnot delivered, after %s\n", tookCell(t.Took))
		return fmt.Errorf("the webhook would not count as delivered: %s", onLine(t.Error))
	}
	_, err := fmt.Fprintf(out, "\ndelivered in %s\n", tookCell(t.Took))
	return err
}

func writeHeaders(out io.Writer, mark string, headers http.Header) {
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		for _, value := range headers[name] {
			fmt.Fprintf(out, "%s%s: %s\n", mark, onLine(name), onLine(value))
		}
	}
}

func writeSample(out io.Writer, body jsontext.Value) error {
	if err := body.Indent(jsontext.WithIndent("  ")); err != nil {
		return fmt.Errorf("the request's body: %w", err)
	}
	_, err := fmt.Fprintf(out, ">\n%s\n", body)
	return err
}

// writeAnswer writes an answer's body: line by line, with what a terminal would act on in quotes.
func writeAnswer(out io.Writer, a operator.TrialAnswer) {
	fmt.Fprintln(out, "<")
	for line := range strings.Lines(a.Body) {
		if line = strings.TrimRight(line, "\r\n"); line != "" {
			line = onLine(line)
		}
		fmt.Fprintln(out, line)
	}
	if len(a.Body) < a.BodyBytes {
		fmt.Fprintf(out, "(%d bytes in all)\n", a.BodyBytes)
	}
}

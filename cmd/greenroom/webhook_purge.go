package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/internal/operator"
)

func newWebhookPurgeCommand(c *operatorConnection) *cobra.Command {
	var filter eventFilter
	var dead, waiting, yes bool
	cmd := &cobra.Command{
		Use:   "purge --dead | --waiting",
		Short: "Remove dead letters, or webhooks that wait, for good",
		Long: `Remove dead letters, or webhooks that wait, for good. The app server never hears of them. One that is on its way may still
arrive. On a terminal it asks first; elsewhere it needs --yes.`,
		Example: `  greenroom webhook purge --dead --until 2026-01-01
  greenroom webhook purge --waiting --room hello --yes`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !dead && !waiting {
				return errors.New("nothing to purge: give --dead or --waiting")
			}
			f, err := filter.filter(cmd)
			if err != nil {
				return err
			}
			in := operator.PurgeRequest{State: stateDead, Filter: f, Confirm: true}
			if waiting {
				in.State = stateWaiting
			}
			if err := c.demandApp(cmd.Flags()); err != nil {
				return err
			}
			if !yes {
				if err := confirm(cmd, purgeQuestion(live.AppID(c.app), in)); err != nil {
					return err
				}
			}
			return c.call(cmd, func(ctx context.Context, api *operator.Client, app live.AppID, out io.Writer) error {
				return purge(ctx, api, app, in, out)
			})
		},
	}
	filter.register(cmd)
	cmd.Flags().BoolVar(&dead, "dead", false, "remove the dead letters that the filter picks, all without one")
	cmd.Flags().BoolVar(&waiting, "waiting", false, "remove the webhooks that wait and that the filter picks, all without one")
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask")
	cmd.MarkFlagsMutuallyExclusive("dead", "waiting")
	return cmd
}

func purgeQuestion(app live.AppID, in operator.PurgeRequest) string {
	which := "every"
	if !in.Filter.IsZero() {
		which = "every such"
	}
	what := "dead letter"
	if in.State == stateWaiting {
		what = "webhook that waits"
	}
	return fmt.Sprintf("Remove %s %s of app %d for good? [y/N] ", which, what, app)
}

var errNotConfirmed = errors.New("nothing was removed")

// confirm asks a question on a terminal, and fails unless the answer is yes.
func confirm(cmd *cobra.Command, question string) error {
	in := cmd.InOrStdin()
	if !terminal(in) {
		return errors.New("this removes webhooks for good; without a terminal to ask on, give --yes")
	}
	fmt.Fprint(cmd.ErrOrStderr(), question)
	return confirmed(in)
}

// confirmed reads one short line, which has to say yes.
func confirmed(in io.Reader) error {
	line, _ := bufio.NewReader(io.LimitReader(in, 100)).ReadString('\n') // the end of the input says no
	switch strings.ToLower(strings.TrimSpace(line)) {
	case "y", "yes":
		return nil
	}
	return errNotConfirmed
}

// terminal tells whether somebody may be there to answer: in is a device, and not the one that has nothing to say.
func terminal(in io.Reader) bool {
	f, ok := in.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return false
	}
	null, err := os.Stat(os.DevNull)
	return err != nil || !os.SameFile(info, null)
}

func purge(ctx context.Context, api *operator.Client, app live.AppID, in operator.PurgeRequest, out io.Writer) error {
	total := 0
	for {
		done, err := api.Purge(ctx, app, in)
		if total += done.Purged; err != nil && total > 0 {
			fmt.Fprintf(out, "removed %s before it failed\n", webhooks(total))
		}
		if err != nil {
			return err
		}
		if done.Next == "" {
			_, err := fmt.Fprintf(out, "removed %s\n", webhooks(total))
			return err
		}
		in.After = done.Next
	}
}

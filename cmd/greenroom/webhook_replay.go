package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/internal/operator"
)

func newWebhookReplayCommand(c *operatorConnection) *cobra.Command {
	var filter eventFilter
	var dead, delivered bool
	cmd := &cobra.Command{
		Use:   "replay ID... | --dead | --delivered",
		Short: "Send webhooks again: some by their ids, dead letters, or what was delivered",
		Long: `Send webhooks again: some by their ids, the dead letters, or what was delivered before. They keep their ids, so that an app
server can tell what it has had, and go behind what waits in their rooms, in the order of their commits or, with
--delivered, in the order in which they were delivered. Dead letters are moved; --delivered sends copies from the delivery
log, as far as that goes back.`,
		Example: `  greenroom webhook replay evt_01 evt_02
  greenroom webhook replay --dead
  greenroom webhook replay --dead --room hello --command AfterDelMetadata
  greenroom webhook replay --delivered --since 2026-01-31T18:00:00Z --until 2026-01-31T18:30:00Z`,
		Args:              cobra.ArbitraryArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, args []string) error {
			f, err := filter.filter(cmd)
			if err != nil {
				return err
			}
			if len(args) > 0 {
				if dead || delivered || !f.IsZero() {
					return errors.New("give ids, or --dead or --delivered with a filter, not both")
				}
				return c.call(cmd, func(ctx context.Context, api *operator.Client, app live.AppID, out io.Writer) error {
					return replayEach(ctx, api, app, args, out)
				})
			}
			in := operator.ReplayRequest{State: stateDead, Filter: f}
			switch {
			case delivered:
				in.State = stateDelivered
			case !dead:
				return errors.New("nothing to replay: give ids, or --dead or --delivered")
			}
			return c.call(cmd, func(ctx context.Context, api *operator.Client, app live.AppID, out io.Writer) error {
				return replayMany(ctx, api, app, in, out)
			})
		},
	}
	filter.register(cmd)
	cmd.Flags().BoolVar(&dead, "dead", false, "send the dead letters again that the filter picks, all without one")
	cmd.Flags().BoolVar(&delivered, "delivered", false,
		"send again what was delivered, as the filter picks it, all that the log holds without one")
	cmd.MarkFlagsMutuallyExclusive("dead", "delivered")
	return cmd
}

// replayEach replays events one by one, in the order of their ids in the call, and ends with the first that cannot be.
func replayEach(ctx context.Context, api *operator.Client, app live.AppID, ids []string, out io.Writer) error {
	for _, id := range ids {
		if err := api.Replay(ctx, app, id); err != nil {
			return about(id, err)
		}
		fmt.Fprintf(out, "replayed %s\n", onLine(id))
	}
	return nil
}

// about says which event an error is about, in the operator API's own error.
func about(id string, err error) error {
	if refused := (*operator.Error)(nil); errors.As(err, &refused) {
		refused.Message = id + ": " + refused.Message
	}
	return err
}

func replayMany(ctx context.Context, api *operator.Client, app live.AppID, in operator.ReplayRequest, out io.Writer) error {
	total := 0
	for {
		done, err := api.ReplayMany(ctx, app, in)
		if total += done.Replayed; err != nil && total > 0 {
			fmt.Fprintf(out, "replayed %s before it failed\n", webhooks(total))
		}
		if err != nil {
			return err
		}
		if done.Next == "" {
			_, err := fmt.Fprintf(out, "replayed %s\n", webhooks(total))
			return err
		}
		in.After = done.Next
	}
}

// webhooks is a number of webhooks.
func webhooks(n int) string {
	if n == 1 {
		return "1 webhook"
	}
	return fmt.Sprintf("%d webhooks", n)
}

package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/internal/operator"
)

func newWebhookPauseCommand(c *operatorConnection) *cobra.Command {
	var reason string
	cmd := &cobra.Command{
		Use:   "pause",
		Short: "Let the webhooks of an app wait until they are resumed",
		Long: `Let the webhooks of an app wait until they are resumed. None is lost and none grows old meanwhile: the retry windows begin
anew with the end of the pause. The webhooks that ask beforehand are still sent: a pause does not switch moderation off.
Pausing again changes the reason.`,
		Example: `  greenroom webhook pause --reason "the app server moves until 18:00"`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.call(cmd, func(ctx context.Context, api *operator.Client, app live.AppID, out io.Writer) error {
				if _, err := api.Pause(ctx, app, reason); err != nil {
					return err
				}
				_, err := fmt.Fprintf(out, "the webhooks of app %d wait\n", app)
				return err
			})
		},
	}
	cmd.Flags().StringVar(&reason, "reason", "", "why, for those who see the pause; up to 1000 characters")
	return cmd
}

func newWebhookResumeCommand(c *operatorConnection) *cobra.Command {
	return &cobra.Command{
		Use:   "resume",
		Short: "Send the webhooks of an app again that were paused",
		Long: `Send the webhooks of an app again that were paused, by an operator or because the app server answered 410 Gone. What waits
goes out at once, in order.`,
		Example: "  greenroom webhook resume",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.call(cmd, func(ctx context.Context, api *operator.Client, app live.AppID, out io.Writer) error {
				if _, err := api.Resume(ctx, app); err != nil {
					return err
				}
				_, err := fmt.Fprintf(out, "the webhooks of app %d go out\n", app)
				return err
			})
		},
	}
}

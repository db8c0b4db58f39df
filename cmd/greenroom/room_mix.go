package main

import (
	"context"

	"github.com/go-json-experiment/json"
	"github.com/spf13/cobra"

	"github.com/greenroom-live/greenroom/client"
)

func newSetMixCommand(c *connection) *cobra.Command {
	return &cobra.Command{
		Use:   "set-mix ROOM [LAYOUT]",
		Short: "Keep how a room's streams are to be mixed",
		Long: `Keep how a room's streams are to be mixed: the body of set_mix_stream without its RoomId, as JSON, as @FILE or as - for
standard input; a grid of nine when it is not given. Greenroom mixes nothing itself. The room must have seats and be unlimited.`,
		Example: `  greenroom room set-mix hello
  greenroom room set-mix hello '{"LayoutMode":1000,"LayoutInfo":{"LayoutList":[{"Member_Account":"alice","ImageWidth":640,"ImageHeight":360}]}}'`,
		Args: cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			layout, err := readBody(cmd.InOrStdin(), args[1:])
			if err != nil {
				return err
			}
			var mix client.MixStream
			if err := json.Unmarshal(layout, &mix, json.RejectUnknownMembers(true)); err != nil {
				return err
			}
			do := func(ctx context.Context, api *client.Client) error { return api.SetMixStream(ctx, args[0], mix) }
			return c.simple(cmd, do, "kept the layout of room %s", onLine(args[0]))
		},
	}
}

func newResumeMixCommand(c *connection) *cobra.Command {
	return &cobra.Command{
		Use:     "resume-mix ROOM",
		Short:   "Bring back how a room's streams are to be mixed",
		Example: "  greenroom room resume-mix hello",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			do := func(ctx context.Context, api *client.Client) error { return api.ResumeMix(ctx, args[0]) }
			return c.simple(cmd, do, "room %s has its layout", onLine(args[0]))
		},
	}
}

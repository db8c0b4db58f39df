package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/greenroom-live/greenroom/client"
)

// newRobotCommand shows and changes the robots of rooms through the REST API of a running server.
func newRobotCommand() *cobra.Command {
	c := new(connection)
	cmd := &cobra.Command{
		Use:   "robot",
		Short: "Show and change the robots of a room",
		Long: `Show and change the robots of a room of a running server, as an App admin through its REST API. A robot is an account
that may have a seat without a client connection, so that a stream from elsewhere has a user. It does not count as a member.

Without --app and --key, the development app that "greenroom serve" keeps in its data folder is used.`,
		Example: `  greenroom robot add hello live_obs_alice
  greenroom seat pick hello 0 live_obs_alice
  greenroom robot list hello`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	c.register(cmd.PersistentFlags())
	cmd.AddCommand(
		newRobotListCommand(c),
		newRobotChangeCommand(c, "add", "Make users robots of a room", "robots now", (*client.Client).AddRobots),
		newRobotChangeCommand(c, "delete", "Take robots out of a room, and off their seats", "no robots now",
			(*client.Client).DeleteRobots),
	)
	for _, sub := range cmd.Commands() {
		sub.ValidArgsFunction = cobra.NoFileCompletions
	}
	return cmd
}

func newRobotListCommand(c *connection) *cobra.Command {
	return &cobra.Command{
		Use:     "list ROOM",
		Short:   "Show the robots of a room, one on a line",
		Example: "  greenroom robot list hello",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.call(cmd, func(ctx context.Context, api *client.Client, out io.Writer) error {
				robots, err := api.Robots(ctx, args[0])
				if len(robots) == 0 {
					fmt.Fprintf(out, "room %s has no robots\n", onLine(args[0]))
				}
				for _, robot := range robots {
					fmt.Fprintln(out, onLine(robot))
				}
				return err
			})
		},
	}
}

func newRobotChangeCommand(
	c *connection, name, short, done string, change func(*client.Client, context.Context, string, ...string) error,
) *cobra.Command {
	return &cobra.Command{
		Use:     name + " ROOM USER...",
		Short:   short,
		Long:    short + ", at most 20 in a call.",
		Example: "  greenroom robot " + name + " hello live_obs_alice",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) < 2 {
				return errors.New("a room and at least one user are needed")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.call(cmd, func(ctx context.Context, api *client.Client, out io.Writer) error {
				fmt.Fprintf(out, "%s of room %s: %s\n", done, onLine(args[0]), listed(args[1:]))
				return change(api, ctx, args[0], args[1:]...)
			})
		},
	}
}

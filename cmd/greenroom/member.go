package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/greenroom-live/greenroom/client"
)

// newMemberCommand lists, mutes, bans and kicks members through the REST API of a running server.
func newMemberCommand() *cobra.Command {
	c := new(connection)
	cmd := &cobra.Command{
		Use:   "member",
		Short: "List, mute, ban and kick the members of a room",
		Long: `List, mute, ban and kick the members of a room of a running server, as an App admin through its REST API.

Without --app and --key, the development app that "greenroom serve" keeps in its data folder is used.`,
		Example: `  greenroom member list hello
  greenroom member mute hello alice --for 10m
  greenroom member ban hello mallory --for 24h --reason spam
  greenroom member banned hello --json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	c.register(cmd.PersistentFlags())
	cmd.AddCommand(
		newMemberListCommand(c),
		newMuteCommand(c),
		newUnmuteCommand(c),
		newMutedCommand(c),
		newBanCommand(c),
		newUnbanCommand(c),
		newBannedCommand(c),
		newKickCommand(c),
	)
	for _, sub := range cmd.Commands() {
		sub.ValidArgsFunction = cobra.NoFileCompletions
	}
	return cmd
}

// roomAndUsers are the arguments of the subcommands that do something to members.
func roomAndUsers(_ *cobra.Command, args []string) error {
	if len(args) < 2 {
		return errors.New("a room and at least one user are needed")
	}
	return nil
}

func newMemberListCommand(c *connection) *cobra.Command {
	return &cobra.Command{
		Use:   "list ROOM",
		Short: "Show who is online in a room, one on a line",
		Long: `Show who is online in a room, one on a line, at most 1,000 of them. With --json each page of the list is printed, as a
line.`,
		Example: "  greenroom member list hello",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c.pages = true
			return c.call(cmd, func(ctx context.Context, api *client.Client, out io.Writer) error {
				none := true
				for user, err := range api.Members(ctx, args[0]) {
					if err != nil {
						return err
					}
					fmt.Fprintln(out, onLine(user))
					none = false
				}
				if none {
					fmt.Fprintf(out, "nobody is online in room %s\n", onLine(args[0]))
				}
				return nil
			})
		},
	}
}

func newMuteCommand(c *connection) *cobra.Command {
	length := lasting{forever: true}
	cmd := &cobra.Command{
		Use:   "mute ROOM USER...",
		Short: "Keep users from sending messages to a room",
		Long: `Keep users from sending messages to a room, at most 500 in a call. They need not be in the room; leaving it does not end
the mute.`,
		Example: `  greenroom member mute hello alice
  greenroom member mute hello alice bob --for 10m`,
		Args: roomAndUsers,
		RunE: func(cmd *cobra.Command, args []string) error {
			seconds, err := length.seconds()
			if err != nil {
				return err
			}
			return c.call(cmd, func(ctx context.Context, api *client.Client, out io.Writer) error {
				fmt.Fprintf(out, "muted in room %s: %s\n", onLine(args[0]), listed(args[1:]))
				return api.MuteMembers(ctx, args[0], seconds, args[1:]...)
			})
		},
	}
	length.register(cmd)
	return cmd
}

func newUnmuteCommand(c *connection) *cobra.Command {
	return &cobra.Command{
		Use:     "unmute ROOM USER...",
		Short:   "Let users send messages to a room again",
		Example: "  greenroom member unmute hello alice",
		Args:    roomAndUsers,
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.call(cmd, func(ctx context.Context, api *client.Client, out io.Writer) error {
				fmt.Fprintf(out, "no longer muted in room %s: %s\n", onLine(args[0]), listed(args[1:]))
				return api.UnmuteMembers(ctx, args[0], args[1:]...)
			})
		},
	}
}

func newMutedCommand(c *connection) *cobra.Command {
	return &cobra.Command{
		Use:     "muted ROOM",
		Short:   "Show who is muted in a room, and until when",
		Example: "  greenroom member muted hello",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.call(cmd, func(ctx context.Context, api *client.Client, out io.Writer) error {
				muted, err := api.MutedMembers(ctx, args[0])
				if len(muted) == 0 {
					fmt.Fprintf(out, "nobody is muted in room %s\n", onLine(args[0]))
				}
				table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
				for _, m := range muted {
					fmt.Fprintf(table, "%s\t%s\n", asWord(m.UserID), until(m.MutedUntil))
				}
				return errors.Join(err, table.Flush())
			})
		},
	}
}

func newBanCommand(c *connection) *cobra.Command {
	var length lasting
	var reason string
	cmd := &cobra.Command{
		Use:   "ban ROOM USER... --for DURATION",
		Short: "Remove users from a room and keep them out of it",
		Long: `Remove users from a room and keep them out of it, at most 20 in a call. They need not be in the room. Its owner cannot
be banned.`,
		Example: `  greenroom member ban hello mallory --for 24h --reason spam
  greenroom member ban hello mallory --for forever`,
		Args: roomAndUsers,
		RunE: func(cmd *cobra.Command, args []string) error {
			seconds, err := length.seconds()
			if err != nil {
				return err
			}
			return c.call(cmd, func(ctx context.Context, api *client.Client, out io.Writer) error {
				fmt.Fprintf(out, "banned from room %s: %s\n", onLine(args[0]), listed(args[1:]))
				return api.BanMembers(ctx, args[0], seconds, reason, args[1:]...)
			})
		},
	}
	length.register(cmd)
	_ = cmd.MarkFlagRequired("for")
	cmd.Flags().StringVar(&reason, "reason", "", "why, told to those who are removed, at most 1,000 bytes")
	return cmd
}

func newUnbanCommand(c *connection) *cobra.Command {
	return &cobra.Command{
		Use:     "unban ROOM USER...",
		Short:   "Let users enter a room again, at most 20 in a call",
		Example: "  greenroom member unban hello mallory",
		Args:    roomAndUsers,
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.call(cmd, func(ctx context.Context, api *client.Client, out io.Writer) error {
				fmt.Fprintf(out, "no longer banned from room %s: %s\n", onLine(args[0]), listed(args[1:]))
				return api.UnbanMembers(ctx, args[0], args[1:]...)
			})
		},
	}
}

func newBannedCommand(c *connection) *cobra.Command {
	return &cobra.Command{
		Use:   "banned ROOM",
		Short: "Show who is banned from a room, until when and why",
		Long: `Show who is banned from a room, until when and why. With --json each page of the list, of at most 100, is printed, as a
line.`,
		Example: "  greenroom member banned hello",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c.pages = true
			return c.call(cmd, func(ctx context.Context, api *client.Client, out io.Writer) error {
				table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
				none := true
				for b, err := range api.BannedMembers(ctx, args[0]) {
					if err != nil {
						return err
					}
					fmt.Fprintf(table, "%s\t%s\t%s\n", asWord(b.UserID), until(b.BannedUntil), asWord(b.Reason))
					none = false
				}
				if none {
					fmt.Fprintf(out, "nobody is banned from room %s\n", onLine(args[0]))
				}
				return table.Flush()
			})
		},
	}
}

func newKickCommand(c *connection) *cobra.Command {
	var reason string
	cmd := &cobra.Command{
		Use:   "kick ROOM USER...",
		Short: "Remove users from a room; they may come back",
		Long: `Remove users from a room, at most 20 in a call. They may come back. Those who are not in the room are passed over; its
owner cannot be removed.`,
		Example: "  greenroom member kick hello mallory --reason \"be nice\"",
		Args:    roomAndUsers,
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.call(cmd, func(ctx context.Context, api *client.Client, out io.Writer) error {
				fmt.Fprintf(out, "kicked out of room %s: %s\n", onLine(args[0]), listed(args[1:]))
				return api.KickMembers(ctx, args[0], reason, args[1:]...)
			})
		},
	}
	cmd.Flags().StringVar(&reason, "reason", "", "why, told to those who are removed, at most 1,000 bytes")
	return cmd
}

// lasting is how long a mute or ban lasts.
type lasting struct {
	length  string
	forever bool // when the flag is not given
}

func (l *lasting) register(cmd *cobra.Command) {
	unset := ""
	if l.forever {
		unset = "forever"
	}
	cmd.Flags().StringVar(&l.length, "for", unset, "how long, like 90s, 10m, 24h or forever")
	_ = cmd.RegisterFlagCompletionFunc("for", cobra.FixedCompletions([]string{"10m", "1h", "24h", "forever"}, cobra.ShellCompDirectiveNoFileComp))
}

// seconds returns the length in the API's unit.
func (l *lasting) seconds() (int64, error) {
	if l.length == "forever" {
		return client.Forever, nil
	}
	length, err := time.ParseDuration(l.length)
	if err != nil || length < time.Second || length%time.Second != 0 {
		return 0, fmt.Errorf("--for %q is neither a length in whole seconds, like 90s, 10m or 24h, nor forever", l.length)
	}
	return int64(length / time.Second), nil
}

// until writes when a mute or ban ends.
func until(seconds int64) string {
	if seconds >= client.Forever {
		return "forever"
	}
	return time.Unix(seconds, 0).UTC().Format(time.RFC3339)
}

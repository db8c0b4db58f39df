package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/greenroom-live/greenroom/client"
)

// newSeatCommand shows and changes the seats of rooms through the REST API of a running server.
func newSeatCommand() *cobra.Command {
	c := new(connection)
	cmd := &cobra.Command{
		Use:   "seat",
		Short: "Show and change the seats of a room",
		Long: `Show and change the seats of a room of a running server, as an App admin through its REST API. Seats are numbered
from 0. Who is put onto a seat must be online in the room, or one of its robots (see "greenroom robot").

Without --app and --key, the development app that "greenroom serve" keeps in its data folder is used.`,
		Example: `  greenroom seat list hello
  greenroom seat pick hello 0 alice
  greenroom seat lock hello 3
  greenroom seat kick hello alice --data "time is up"`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	c.register(cmd.PersistentFlags())
	cmd.AddCommand(
		newSeatListCommand(c),
		newSeatPickCommand(c),
		newSeatKickCommand(c),
		newSeatLockCommand(c, "lock", "Lock a seat, or its audio or video", " Locking a seat that is taken takes its user off.", true),
		newSeatLockCommand(c, "unlock", "Unlock a seat, or its audio or video", "", false),
		newSeatMoveCommand(c),
	)
	for _, sub := range cmd.Commands() {
		sub.ValidArgsFunction = cobra.NoFileCompletions
	}
	return cmd
}

func newSeatListCommand(c *connection) *cobra.Command {
	return &cobra.Command{
		Use:     "list ROOM",
		Short:   "Show the seats of a room, one on a line",
		Long:    "Show the seats of a room, one on a line: index, who sits there, and what is locked; - where there is nothing.",
		Example: "  greenroom seat list hello",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.call(cmd, func(ctx context.Context, api *client.Client, out io.Writer) error {
				seats, err := api.Seats(ctx, args[0])
				if err != nil {
					return err
				}
				if len(seats) == 0 {
					fmt.Fprintf(out, "room %s has no seats\n", onLine(args[0]))
				}
				return writeSeats(out, seats)
			})
		},
	}
}

func writeSeats(out io.Writer, seats []client.Seat) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, s := range seats {
		user := "-"
		if s.UserID != "" {
			user = asWord(s.UserID)
		}
		var locks []string
		for _, l := range []struct {
			set  bool
			name string
		}{{s.IsTakenDisabled, "locked"}, {s.IsVideoDisabled, "no video"}, {s.IsAudioDisabled, "no audio"}} {
			if l.set {
				locks = append(locks, l.name)
			}
		}
		if len(locks) == 0 {
			locks = []string{"-"}
		}
		fmt.Fprintf(table, "%d\t%s\t%s\n", s.Index, user, strings.Join(locks, ", "))
	}
	return table.Flush()
}

func newSeatPickCommand(c *connection) *cobra.Command {
	return &cobra.Command{
		Use:     "pick ROOM INDEX USER",
		Short:   "Put a user of a room onto an empty seat",
		Example: "  greenroom seat pick hello 0 alice",
		Args:    cobra.ExactArgs(3),
		RunE: func(cmd *cobra.Command, args []string) error {
			index, err := seatIndex(args[1])
			if err != nil {
				return err
			}
			return c.call(cmd, func(ctx context.Context, api *client.Client, out io.Writer) error {
				fmt.Fprintf(out, "%s is on seat %d of room %s\n", asWord(args[2]), index, onLine(args[0]))
				return api.PickUserOnSeat(ctx, args[0], args[2], index)
			})
		},
	}
}

func seatIndex(text string) (int, error) {
	index, err := strconv.Atoi(text)
	if err != nil {
		return 0, fmt.Errorf("%q is not the number of a seat", text)
	}
	return index, nil
}

func newSeatKickCommand(c *connection) *cobra.Command {
	var data string
	cmd := &cobra.Command{
		Use:     "kick ROOM USER",
		Short:   "Take a user off its seat",
		Example: `  greenroom seat kick hello alice --data "time is up"`,
		Args:    cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.call(cmd, func(ctx context.Context, api *client.Client, out io.Writer) error {
				fmt.Fprintf(out, "%s has no seat in room %s any more\n", asWord(args[1]), onLine(args[0]))
				return api.KickUserOffSeat(ctx, args[0], args[1], data)
			})
		},
	}
	cmd.Flags().StringVar(&data, "data", "", "text that the user is told, at most 1,000 bytes")
	return cmd
}

func newSeatLockCommand(c *connection, name, short, more string, locked bool) *cobra.Command {
	var take, video, audio bool
	cmd := &cobra.Command{
		Use:   name + " ROOM INDEX",
		Short: short,
		Long: short + `. --take, which is meant when no flag is given, is about sitting down;
--video and --audio are about publishing.` + more,
		Example: "  greenroom seat " + name + " hello 3\n  greenroom seat " + name + " hello 0 --audio",
		Args:    cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			index, err := seatIndex(args[1])
			if err != nil {
				return err
			}
			lock := client.SeatLock{}
			for _, flag := range []struct {
				given bool
				field **bool
			}{{take || !video && !audio, &lock.ForbidTaken}, {video, &lock.ForbidVideo}, {audio, &lock.ForbidAudio}} {
				if flag.given {
					*flag.field = &locked
				}
			}
			return c.call(cmd, func(ctx context.Context, api *client.Client, out io.Writer) error {
				fmt.Fprintf(out, "%sed seat %d of room %s\n", name, index, onLine(args[0]))
				return api.LockSeat(ctx, args[0], index, lock)
			})
		},
	}
	cmd.Flags().BoolVar(&take, "take", false, name+" the seat itself")
	cmd.Flags().BoolVar(&video, "video", false, name+" video on the seat")
	cmd.Flags().BoolVar(&audio, "audio", false, name+" audio on the seat")
	return cmd
}

// movePolicies are the words for what becomes of another user on the seat; a word's place is its [client.MovePolicy].
var movePolicies = []string{"abort", "replace", "swap"}

func newSeatMoveCommand(c *connection) *cobra.Command {
	var word string
	cmd := &cobra.Command{
		Use:   "move ROOM USER INDEX",
		Short: "Move a user from its seat to another one",
		Long:  "Move a user from its seat to another one, which is unlocked if it was locked.",
		Example: `  greenroom seat move hello alice 2
  greenroom seat move hello alice 2 --policy swap`,
		Args: cobra.ExactArgs(3),
		RunE: func(cmd *cobra.Command, args []string) error {
			index, err := seatIndex(args[2])
			if err != nil {
				return err
			}
			policy := slices.Index(movePolicies, word)
			if policy < 0 {
				return fmt.Errorf("--policy must be %s, not %q", strings.Join(movePolicies, ", "), word)
			}
			return c.call(cmd, func(ctx context.Context, api *client.Client, out io.Writer) error {
				fmt.Fprintf(out, "%s is on seat %d of room %s\n", asWord(args[1]), index, onLine(args[0]))
				return api.MoveUserToSeat(ctx, args[0], args[1], index, client.MovePolicy(policy))
			})
		},
	}
	cmd.Flags().StringVar(&word, "policy", movePolicies[client.AbortWhenOccupied],
		"what happens when somebody sits there: abort, replace (take that user's seat) or swap")
	_ = cmd.RegisterFlagCompletionFunc("policy", cobra.FixedCompletions(movePolicies, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

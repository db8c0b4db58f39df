package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/greenroom-live/greenroom/client"
)

// newBattleCommand starts, scores and shows battles through the REST API of a running server.
func newBattleCommand() *cobra.Command {
	c := new(connection)
	cmd := &cobra.Command{
		Use:   "battle",
		Short: "Start, score and show battles between rooms of a running server",
		Long: `Start, score and show battles between rooms of a running server, as an App admin through its REST API. A battle
ends when its time is up, or when the last owner who was in one of its rooms has left.

Without --app and --key, the development app that "greenroom serve" keeps in its data folder is used.`,
		Example: `  greenroom battle create hello there --duration 90s
  greenroom battle score BATTLE hello=30 there=12
  greenroom battle info --room hello`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	c.register(cmd.PersistentFlags())
	cmd.AddCommand(newBattleCreateCommand(c), newBattleScoreCommand(c), newBattleInfoCommand(c))
	for _, sub := range cmd.Commands() {
		sub.ValidArgsFunction = cobra.NoFileCompletions
	}
	return cmd
}

func newBattleCreateCommand(c *connection) *cobra.Command {
	var spec client.BattleSpec
	cmd := &cobra.Command{
		Use:   "create FROM TO...",
		Short: "Start a battle between a room and others",
		Long: `Start a battle between the room FROM and the rooms TO, and print its id and which rooms take part. It is an error
when FROM is in another battle, or when none of TO can take part.`,
		Example: "  greenroom battle create hello there --duration 90s",
		Args:    cobra.MinimumNArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			spec.From, spec.To = args[0], args[1:]
			return c.call(cmd, func(ctx context.Context, api *client.Client, out io.Writer) error {
				id, calls, err := api.CreateBattle(ctx, spec)
				fmt.Fprintf(out, "started battle %s\n", onLine(id))
				for _, call := range calls {
					if call.Code != 0 {
						fmt.Fprintf(out, "room %s does not take part: %s\n", onLine(call.RoomID), onLine(call.Message))
					}
				}
				return err
			})
		},
	}
	cmd.Flags().DurationVar(&spec.Duration, "duration", 5*time.Minute, "how long it goes on")
	cmd.Flags().StringVar(&spec.ExtensionInfo, "extension-info", "", "the app's own text, at most 1,000 bytes")
	return cmd
}

func newBattleScoreCommand(c *connection) *cobra.Command {
	var overwrite bool
	cmd := &cobra.Command{
		Use:   "score BATTLE ROOM=POINTS...",
		Short: "Add to the scores of rooms in a battle, or overwrite them",
		Long: `Add points to the scores of rooms in a running battle, or overwrite the scores. Points that are added may be negative.
All scores are changed or none; rooms that are not in the battle are passed over.`,
		Example: `  greenroom battle score BATTLE hello=30 there=12
  greenroom battle score BATTLE hello=0 --overwrite`,
		Args: cobra.MinimumNArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			scores, err := parseScores(args[1:])
			if err != nil {
				return err
			}
			op, done := client.AddScore, "added"
			if overwrite {
				op, done = client.SetScore, "overwritten"
			}
			return c.call(cmd, func(ctx context.Context, api *client.Client, out io.Writer) error {
				outside, err := api.SetBattleScore(ctx, args[0], op, scores...)
				fmt.Fprintf(out, "%s scores of battle %s: %d\n", done, onLine(args[0]), len(scores)-len(outside))
				if len(outside) > 0 {
					fmt.Fprintf(out, "not in the battle: %s\n", listed(outside))
				}
				return err
			})
		},
	}
	cmd.Flags().BoolVar(&overwrite, "overwrite", false, "overwrite the scores")
	return cmd
}

// parseScores takes what follows the last =: a room's id may have = in it.
func parseScores(args []string) ([]client.RoomScore, error) {
	scores := make([]client.RoomScore, len(args))
	for i, arg := range args {
		at := strings.LastIndexByte(arg, '=')
		if at < 1 {
			return nil, fmt.Errorf("%q is not ROOM=POINTS", arg)
		}
		points, err := strconv.ParseInt(arg[at+1:], 10, 64)
		if err != nil {
			return nil, fmt.Errorf("%q is not ROOM=POINTS: the points are no whole number", arg)
		}
		scores[i] = client.RoomScore{RoomID: arg[:at], Score: points}
	}
	return scores, nil
}

func newBattleInfoCommand(c *connection) *cobra.Command {
	var room string
	cmd := &cobra.Command{
		Use:   "info BATTLE | info --room ROOM",
		Short: "Show how a battle stands or how it ended, or the one that a room is in",
		Example: `  greenroom battle info BATTLE
  greenroom battle info --room hello`,
		Args: func(_ *cobra.Command, args []string) error {
			if (room != "") == (len(args) > 0) || len(args) > 1 {
				return errors.New("either a battle or --room is needed")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.call(cmd, func(ctx context.Context, api *client.Client, out io.Writer) error {
				find, of := api.BattleInfo, strings.Join(args, "")
				if room != "" {
					find, of = api.RunningBattle, room
				}
				b, err := find(ctx, of)
				if err != nil {
					return err
				}
				return writeBattle(out, b)
			})
		},
	}
	cmd.Flags().StringVar(&room, "room", "", "the room whose running battle is shown")
	return cmd
}

func writeBattle(out io.Writer, b client.Battle) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	at := func(seconds int64) string { return time.Unix(seconds, 0).UTC().Format(time.RFC3339) }
	status, end := "running", "ends"
	if b.Status == client.BattleFinished {
		status, end = "finished", "ended"
	}
	fmt.Fprintf(table, "battle\t%s\n", onLine(b.BattleID))
	fmt.Fprintf(table, "status\t%s\n", status)
	fmt.Fprintf(table, "started\t%s\n", at(b.StartTime))
	fmt.Fprintf(table, "%s\t%s\n", end, at(b.EndTime))
	for _, r := range append([]client.BattleRoom{b.From}, b.To...) {
		fmt.Fprintf(table, "score\t%d  %s of %s\n", r.Score, asWord(r.RoomID), asWord(r.Owner))
	}
	return table.Flush()
}

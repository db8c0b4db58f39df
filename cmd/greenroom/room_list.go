package main

import (
	"context"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/greenroom-live/greenroom/client"
)

func newRoomListCommand(c *connection) *cobra.Command {
	var query client.RoomQuery
	var ascending bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the rooms that are publicly visible",
		Long: `List the rooms that are publicly visible, a page at a time, most views first. What --next has to be for the next page
is the last line; it is missing on the last page.`,
		Example: `  greenroom room list
  greenroom room list --count 5 --ascending`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if ascending {
				query.SortDirection = client.SortAscending
			}
			return c.call(cmd, func(ctx context.Context, api *client.Client, out io.Writer) error {
				page, err := api.RoomList(ctx, query)
				if err != nil {
					return err
				}
				return writeRooms(out, page)
			})
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&query.Next, "next", "", "where the page before ended; the first page when not given")
	flags.IntVar(&query.Count, "count", 20, "rooms of the page, 1 to 20")
	flags.BoolVar(&ascending, "ascending", false, "fewest views first")
	return cmd
}

func writeRooms(out io.Writer, page client.RoomPage) error {
	if len(page.Rooms) == 0 {
		fmt.Fprintln(out, "no rooms")
		return nil
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "ROOM\tNAME\tOWNER\tVIEWS\tONLINE\tCREATED")
	for _, r := range page.Rooms {
		fmt.Fprintf(table, "%s\t%s\t%s\t%d\t%d\t%s\n", onLine(r.RoomID), onLine(r.RoomName), onLine(r.Owner), r.ViewCount,
			r.OnlineCount, time.Unix(r.CreateTime, 0).UTC().Format(time.RFC3339))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if page.Next != "" {
		fmt.Fprintf(out, "more: --next %s\n", onLine(page.Next))
	}
	return nil
}

func newRoomStatsCommand(c *connection) *cobra.Command {
	return &cobra.Command{
		Use:     "stats ROOM",
		Short:   "Show what has happened in a room so far",
		Example: "  greenroom room stats hello",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.call(cmd, func(ctx context.Context, api *client.Client, out io.Writer) error {
				s, err := api.Statistic(ctx, args[0])
				fmt.Fprintf(out, "room %s: %d views, %d messages, %d likes, %d gifts worth %d coins from %d users\n", onLine(args[0]),
					s.TotalViewers, s.TotalMsgCount, s.TotalLikesReceived, s.TotalGiftsSent, s.TotalGiftCoins, s.TotalUniqueGiftSenders)
				return err
			})
		},
	}
}

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/greenroom-live/greenroom/client"
	"github.com/greenroom-live/greenroom/webhook"
)

// newRoomCommand makes, shows and changes rooms through the REST API of a running server.
func newRoomCommand() *cobra.Command {
	c := new(connection)
	cmd := &cobra.Command{
		Use:   "room",
		Short: "Create, show, change and destroy rooms of a running server",
		Long: `Create, show, change and destroy rooms of a running server, as an App admin through its REST API.

Without --app and --key, the development app that "greenroom serve" keeps in its data folder is used.`,
		Example: `  greenroom room create hello --name "Hello, world"
  greenroom room set-metadata hello theme=dusk lang=en
  greenroom room delete-metadata hello theme
  greenroom room info hello --json
  greenroom room list
  greenroom room update hello --notice "be kind"
  greenroom room destroy hello`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	c.register(cmd.PersistentFlags())
	cmd.AddCommand(
		newRoomCreateCommand(c),
		newRoomInfoCommand(c),
		newRoomListCommand(c),
		newRoomStatsCommand(c),
		newRoomUpdateCommand(c),
		newChangeOwnerCommand(c),
		newRoomDestroyCommand(c),
		newSetMixCommand(c),
		newResumeMixCommand(c),
		newSetMetadataCommand(c),
		newGetMetadataCommand(c),
		newDeleteMetadataCommand(c),
		newAdminsCommand(c),
		newModifyAdminCommand(c, "add-admin", "Make users administrators of a room", client.AddAdmin),
		newModifyAdminCommand(c, "remove-admin", "Take administrator rights in a room away from users", client.DeleteAdmin),
	)
	for _, sub := range cmd.Commands() {
		if sub.ValidArgsFunction == nil {
			sub.ValidArgsFunction = cobra.NoFileCompletions
		}
	}
	return cmd
}

func newRoomCreateCommand(c *connection) *cobra.Command {
	var room client.RoomInfo
	var seats, keepOwner, public bool
	cmd := &cobra.Command{
		Use:   "create [ROOM]",
		Short: "Create a room",
		Long: `Create a room and print its id, which the server makes up when none is given. What no flag says gets the server's
default.`,
		Example: `  greenroom room create hello
  greenroom room create hello --owner alice --seat-template VideoDynamicGrid9Seats --category 1,2`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			room.RoomID = strings.Join(args, "")
			room.IsSeatEnabled = given(cmd, "seat-enabled", seats)
			room.KeepOwnerOnSeat = given(cmd, "keep-owner-on-seat", keepOwner)
			room.IsPublicVisible = given(cmd, "public-visible", public)
			return c.call(cmd, func(ctx context.Context, api *client.Client, out io.Writer) error {
				id, err := api.CreateRoom(ctx, room)
				fmt.Fprintf(out, "created room %s\n", onLine(id))
				return err
			})
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&room.RoomName, "name", "", "name, at most 100 bytes")
	flags.StringVar(&room.Owner, "owner", "", "UserID of the owner; the App admin when not given")
	flags.StringVar(&room.SeatTemplate, "seat-template", "", "template of the seats, such as VideoDynamicGrid9Seats")
	flags.StringVar(&room.TakeSeatMode, "take-seat-mode", "", "FreeToTake or ApplyToTake")
	flags.BoolVar(&seats, "seat-enabled", false, "whether the room has seats")
	flags.BoolVar(&keepOwner, "keep-owner-on-seat", false, "whether the owner's seat stays the owner's")
	flags.IntVar(&room.MaxSeatCount, "max-seat-count", 0, "number of seats")
	flags.IntVar(&room.MaxMemberCount, "max-member-count", 0, "most members at the same time")
	flags.BoolVar(&public, "public-visible", true, "whether the room is in the room list")
	flags.BoolVar(&room.IsMessageDisabled, "message-disabled", false, "mute everybody but the owner and the administrators")
	flags.BoolVar(&room.IsUnlimitedRoomEnabled, "unlimited", false, "mark the room as unlimited")
	flags.StringVar(&room.CoverURL, "cover-url", "", "cover picture, at most 200 bytes")
	flags.StringVar(&room.BackgroundURL, "background-url", "", "background picture, at most 200 bytes")
	flags.StringVar(&room.Notice, "notice", "", "notice, at most 100 bytes")
	flags.IntSliceVar(&room.Category, "category", nil, "categories, at most 3 numbers")
	flags.IntVar(&room.ActivityStatus, "activity-status", 0, "the app's own number")
	_ = cmd.RegisterFlagCompletionFunc("take-seat-mode",
		cobra.FixedCompletions([]string{webhook.TakeSeatFree, webhook.TakeSeatApply}, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

func newRoomInfoCommand(c *connection) *cobra.Command {
	return &cobra.Command{
		Use:     "info ROOM",
		Short:   "Show what a room is like now",
		Example: "  greenroom room info hello",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.call(cmd, func(ctx context.Context, api *client.Client, out io.Writer) error {
				room, err := api.RoomInfo(ctx, args[0])
				if err != nil {
					return err
				}
				return writeRoom(out, room)
			})
		},
	}
}

// writeRoom leaves out the lines that would be empty.
func writeRoom(out io.Writer, room client.RoomInfo) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	line := func(name, text string) {
		if text != "" {
			fmt.Fprintf(table, "%s\t%s\n", name, onLine(text))
		}
	}
	line("room", room.RoomID)
	line("name", room.RoomName)
	line("owner", room.Owner)
	line("created", time.Unix(room.CreateTime, 0).UTC().Format(time.RFC3339))
	line("members", fmt.Sprintf("%d online, at most %d", room.OnlineCount, room.MaxMemberCount))
	line("views", fmt.Sprint(room.ViewCount))
	line("seats", seats(room))
	line("listed", yesNo(is(room.IsPublicVisible)))
	line("muted", yesNo(room.IsMessageDisabled))
	if len(room.Category) > 0 {
		line("category", fmt.Sprint(room.Category))
	}
	if room.ActivityStatus != 0 {
		line("activity", fmt.Sprint(room.ActivityStatus))
	}
	line("notice", room.Notice)
	line("cover", room.CoverURL)
	line("background", room.BackgroundURL)
	line("custom info", room.CustomInfo)
	return table.Flush()
}

func seats(room client.RoomInfo) string {
	if !is(room.IsSeatEnabled) {
		return "none"
	}
	text := fmt.Sprintf("%d, %s", room.MaxSeatCount, room.TakeSeatMode)
	if room.SeatTemplate != "" {
		text += ", " + room.SeatTemplate
	}
	return text
}

func is(value *bool) bool { return value != nil && *value }

func yesNo(value bool) string {
	if value {
		return "yes"
	}
	return "no"
}

func newRoomDestroyCommand(c *connection) *cobra.Command {
	return &cobra.Command{
		Use:     "destroy ROOM",
		Short:   "Dissolve a room and show its figures",
		Example: "  greenroom room destroy hello",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.call(cmd, func(ctx context.Context, api *client.Client, out io.Writer) error {
				s, err := api.DestroyRoom(ctx, args[0])
				fmt.Fprintf(out, "destroyed room %s: %d views, %d likes, %d gifts worth %d coins from %d users\n", onLine(args[0]),
					s.TotalViewers, s.TotalLikesReceived, s.TotalGiftsSent, s.TotalGiftCoins, s.TotalUniqueGiftSenders)
				return err
			})
		},
	}
}

func newSetMetadataCommand(c *connection) *cobra.Command {
	return &cobra.Command{
		Use:   "set-metadata ROOM KEY=VALUE...",
		Short: "Write metadata of a room",
		Long:  "Write metadata of a room, all of it or none. Other keys of the room stay. A value may be empty and may have = in it.",
		Example: `  greenroom room set-metadata hello theme=dusk
  greenroom room set-metadata hello "title=Late night talk" lang=en`,
		Args: cobra.MinimumNArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			pairs, keys, err := parsePairs(args[1:])
			if err != nil {
				return err
			}
			return c.call(cmd, func(ctx context.Context, api *client.Client, out io.Writer) error {
				fmt.Fprintf(out, "set metadata of room %s: %s\n", onLine(args[0]), listed(keys))
				return api.SetMetadata(ctx, args[0], pairs...)
			})
		},
	}
}

func parsePairs(args []string) (pairs []client.MetadataPair, keys []string, err error) {
	for _, arg := range args {
		key, value, ok := strings.Cut(arg, "=")
		if !ok || key == "" {
			return nil, nil, fmt.Errorf("%q is not KEY=VALUE", arg)
		}
		pairs, keys = append(pairs, client.MetadataPair{Key: key, Value: value}), append(keys, key)
	}
	return pairs, keys, nil
}

func listed(texts []string) string {
	out := make([]string, len(texts))
	for i, text := range texts {
		out[i] = asWord(text)
	}
	return strings.Join(out, ", ")
}

func newGetMetadataCommand(c *connection) *cobra.Command {
	return &cobra.Command{
		Use:     "get-metadata ROOM [KEY...]",
		Short:   "Show metadata of a room, all of it or some keys",
		Example: "  greenroom room get-metadata hello",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.call(cmd, func(ctx context.Context, api *client.Client, out io.Writer) error {
				pairs, err := api.Metadata(ctx, args[0], args[1:]...)
				if err != nil {
					return err
				}
				if len(pairs) == 0 {
					fmt.Fprintf(out, "room %s has no such metadata\n", onLine(args[0]))
				}
				table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
				for _, p := range pairs {
					fmt.Fprintf(table, "%s\t%s\n", asWord(p.Key), onLine(p.Value))
				}
				return table.Flush()
			})
		},
	}
}

func newDeleteMetadataCommand(c *connection) *cobra.Command {
	return &cobra.Command{
		Use:   "delete-metadata ROOM KEY...",
		Short: "Delete metadata of a room",
		Long: `Delete metadata of a room. Keys that the room does not have are passed over; it is an error when it has none of
them.`,
		Example: "  greenroom room delete-metadata hello theme lang",
		Args:    cobra.MinimumNArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.call(cmd, func(ctx context.Context, api *client.Client, out io.Writer) error {
				fmt.Fprintf(out, "room %s no longer has metadata: %s\n", onLine(args[0]), listed(args[1:]))
				return api.DeleteMetadata(ctx, args[0], args[1:]...)
			})
		},
	}
}

func newAdminsCommand(c *connection) *cobra.Command {
	return &cobra.Command{
		Use:     "admins ROOM",
		Short:   "Show the administrators of a room, one on a line",
		Example: "  greenroom room admins hello",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.call(cmd, func(ctx context.Context, api *client.Client, out io.Writer) error {
				admins, err := api.Admins(ctx, args[0])
				if len(admins) == 0 {
					fmt.Fprintf(out, "room %s has no administrators\n", onLine(args[0]))
				}
				for _, admin := range admins {
					fmt.Fprintln(out, onLine(admin))
				}
				return err
			})
		},
	}
}

func newModifyAdminCommand(c *connection, name, short string, op client.AdminOp) *cobra.Command {
	return &cobra.Command{
		Use:     name + " ROOM USER...",
		Short:   short,
		Long:    short + ", at most 5 in a call.",
		Example: "  greenroom room " + name + " hello alice bob",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) < 2 {
				return errors.New("a room and at least one user are needed")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			done := map[client.AdminOp]string{client.AddAdmin: "administrators now", client.DeleteAdmin: "no administrators now"}[op]
			return c.call(cmd, func(ctx context.Context, api *client.Client, out io.Writer) error {
				fmt.Fprintf(out, "%s of room %s: %s\n", done, onLine(args[0]), listed(args[1:]))
				return api.ModifyAdmin(ctx, args[0], op, args[1:]...)
			})
		},
	}
}

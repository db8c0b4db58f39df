package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/greenroom-live/greenroom/client"
	"github.com/greenroom-live/greenroom/webhook"
)

// roomFlags are the flags of what of a room can be changed. Only those that are given change anything.
type roomFlags struct {
	name, cover, background, notice, mode  string
	members, activity                      int
	categories                             numbers
	public, muted, unlimited, gifts, likes bool
}

func (r *roomFlags) register(flags *pflag.FlagSet) {
	flags.StringVar(&r.name, "name", "", "name, at most 100 bytes; empty: the room's id")
	flags.StringVar(&r.mode, "take-seat-mode", "", "FreeToTake or ApplyToTake")
	flags.IntVar(&r.members, "max-member-count", 0, "most members at the same time")
	flags.BoolVar(&r.public, "public-visible", true, "whether the room is in the room list")
	flags.BoolVar(&r.muted, "message-disabled", true, "mute everybody but the owner and the administrators")
	flags.BoolVar(&r.unlimited, "unlimited", true, "mark the room as unlimited")
	flags.BoolVar(&r.gifts, "gift-enabled", true, "whether gifts may be sent")
	flags.BoolVar(&r.likes, "like-enabled", true, "whether likes may be sent")
	flags.StringVar(&r.cover, "cover-url", "", "cover picture, at most 200 bytes; empty: none")
	flags.StringVar(&r.background, "background-url", "", "background picture, at most 200 bytes; empty: none")
	flags.StringVar(&r.notice, "notice", "", "notice, at most 100 bytes; empty: none")
	flags.Var(&r.categories, "category", "categories, at most 3 numbers; empty: none")
	flags.IntVar(&r.activity, "activity-status", 0, "the app's own number")
}

// numbers is the value of a flag: whole numbers separated by commas, or none at all.
type numbers []int

// Set implements pflag.Value.
func (n *numbers) Set(text string) error {
	*n = numbers{}
	if text == "" {
		return nil
	}
	for part := range strings.SplitSeq(text, ",") {
		number, err := strconv.Atoi(strings.TrimSpace(part))
		if err != nil {
			return fmt.Errorf("%q is no whole number", part)
		}
		*n = append(*n, number)
	}
	return nil
}

// String implements pflag.Value.
func (n *numbers) String() string { return strings.Trim(fmt.Sprint([]int(*n)), "[]") }

// Type implements pflag.Value.
func (n *numbers) Type() string { return "ints" }

// update is what the flags that were given change.
func (r *roomFlags) update(cmd *cobra.Command) client.RoomUpdate {
	return client.RoomUpdate{
		RoomName: given(cmd, "name", r.name), TakeSeatMode: given(cmd, "take-seat-mode", r.mode),
		MaxMemberCount:         given(cmd, "max-member-count", r.members),
		IsPublicVisible:        given(cmd, "public-visible", r.public),
		IsMessageDisabled:      given(cmd, "message-disabled", r.muted),
		IsUnlimitedRoomEnabled: given(cmd, "unlimited", r.unlimited),
		IsGiftEnabled:          given(cmd, "gift-enabled", r.gifts),
		IsLikeEnabled:          given(cmd, "like-enabled", r.likes),
		CoverURL:               given(cmd, "cover-url", r.cover),
		BackgroundURL:          given(cmd, "background-url", r.background),
		Notice:                 given(cmd, "notice", r.notice),
		Category:               given(cmd, "category", []int(r.categories)),
		ActivityStatus:         given(cmd, "activity-status", r.activity),
	}
}

func newRoomUpdateCommand(c *connection) *cobra.Command {
	var room roomFlags
	cmd := &cobra.Command{
		Use:   "update ROOM",
		Short: "Change what a room is like",
		Long:  "Change what a room is like. What no flag says stays; an empty text clears.",
		Example: `  greenroom room update hello --name "Late night" --message-disabled
  greenroom room update hello --public-visible=false --notice "" --category ""`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			update := room.update(cmd)
			if update == (client.RoomUpdate{}) {
				return errors.New("nothing to change: give at least one flag of the room, such as --name")
			}
			return c.call(cmd, func(ctx context.Context, api *client.Client, out io.Writer) error {
				fmt.Fprintf(out, "updated room %s\n", onLine(args[0]))
				return api.UpdateRoom(ctx, args[0], update)
			})
		},
	}
	room.register(cmd.Flags())
	_ = cmd.RegisterFlagCompletionFunc("take-seat-mode",
		cobra.FixedCompletions([]string{webhook.TakeSeatFree, webhook.TakeSeatApply}, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

func newChangeOwnerCommand(c *connection) *cobra.Command {
	return &cobra.Command{
		Use:   "change-owner ROOM USER",
		Short: "Give a room to another owner",
		Long: `Give a room to another owner, who need not be in it and ceases to be one of its administrators. The former owner has
no rights left in the room.`,
		Example: "  greenroom room change-owner hello bob",
		Args:    cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.call(cmd, func(ctx context.Context, api *client.Client, out io.Writer) error {
				fmt.Fprintf(out, "room %s belongs to %s\n", onLine(args[0]), onLine(args[1]))
				return api.ChangeOwner(ctx, args[0], args[1])
			})
		},
	}
}

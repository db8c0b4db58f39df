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

// update is what the flags that were given change, and whether there were any.
func (r *roomFlags) update(flags *pflag.FlagSet) (u client.RoomUpdate, any bool) {
	categories := []int(r.categories)
	return client.RoomUpdate{
		RoomName: whenGiven(flags, "name", &r.name, &any), TakeSeatMode: whenGiven(flags, "take-seat-mode", &r.mode, &any),
		MaxMemberCount:         whenGiven(flags, "max-member-count", &r.members, &any),
		IsPublicVisible:        whenGiven(flags, "public-visible", &r.public, &any),
		IsMessageDisabled:      whenGiven(flags, "message-disabled", &r.muted, &any),
		IsUnlimitedRoomEnabled: whenGiven(flags, "unlimited", &r.unlimited, &any),
		IsGiftEnabled:          whenGiven(flags, "gift-enabled", &r.gifts, &any),
		IsLikeEnabled:          whenGiven(flags, "like-enabled", &r.likes, &any),
		CoverURL:               whenGiven(flags, "cover-url", &r.cover, &any),
		BackgroundURL:          whenGiven(flags, "background-url", &r.background, &any),
		Notice:                 whenGiven(flags, "notice", &r.notice, &any),
		Category:               whenGiven(flags, "category", &categories, &any),
		ActivityStatus:         whenGiven(flags, "activity-status", &r.activity, &any),
	}, any
}

// whenGiven is a flag's value, or nil when the flag was not given.
func whenGiven[T any](flags *pflag.FlagSet, name string, value *T, any *bool) *T {
	if !flags.Changed(name) {
		return nil
	}
	*any = true
	return value
}

func newRoomUpdateCommand(c *connection) *cobra.Command {
	var given roomFlags
	cmd := &cobra.Command{
		Use:   "update ROOM",
		Short: "Change what a room is like",
		Long:  "Change what a room is like. What no flag says stays; an empty text clears.",
		Example: `  greenroom room update hello --name "Late night" --message-disabled
  greenroom room update hello --public-visible=false --notice "" --category ""`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			update, any := given.update(cmd.Flags())
			if !any {
				return errors.New("nothing to change: give at least one flag of the room, such as --name")
			}
			return c.call(cmd, func(ctx context.Context, api *client.Client, out io.Writer) error {
				fmt.Fprintf(out, "updated room %s\n", onLine(args[0]))
				return api.UpdateRoom(ctx, args[0], update)
			})
		},
	}
	given.register(cmd.Flags())
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

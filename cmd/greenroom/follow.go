package main

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/greenroom-live/greenroom/client"
)

// newFollowCommand looks after who follows whom through the REST API of a running server.
func newFollowCommand() *cobra.Command {
	c := new(connection)
	cmd := &cobra.Command{
		Use:   "follow",
		Short: "Show and change who follows whom on a running server",
		Long: `Show and change who follows whom on a running server, as an App admin through its REST API.

Without --app and --key, the development app that "greenroom serve" keeps in its data folder is used.`,
		Example: `  greenroom follow add alice bob carol
  greenroom follow list alice --type following
  greenroom follow info bob`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	c.register(cmd.PersistentFlags())
	cmd.AddCommand(
		newFollowChangeCommand(c, "add", "Make a user follow others", "follows now", (*client.Client).Follow),
		newFollowChangeCommand(c, "delete", "End that a user follows others", "follows no more", (*client.Client).Unfollow),
		newFollowCheckCommand(c),
		newFollowListCommand(c),
		newFollowInfoCommand(c),
	)
	for _, sub := range cmd.Commands() {
		sub.ValidArgsFunction = cobra.NoFileCompletions
	}
	return cmd
}

type followChange func(*client.Client, context.Context, string, ...string) ([]client.FollowResult, error)

func newFollowChangeCommand(c *connection, name, short, done string, change followChange) *cobra.Command {
	return &cobra.Command{
		Use:     name + " USER OTHER...",
		Short:   short,
		Long:    short + ", at most 20 in a call.",
		Example: "  greenroom follow " + name + " alice bob carol",
		Args:    cobra.MinimumNArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.call(cmd, func(ctx context.Context, api *client.Client, out io.Writer) error {
				results, err := change(api, ctx, args[0], args[1:]...)
				var o outcomes
				for _, r := range results {
					o.add(r.UserID, r.ResultCode, r.ResultInfo, done)
				}
				return o.write(out, err)
			})
		},
	}
}

// standings are the types of follow_check in words.
var standings = map[client.FollowType]string{
	client.FollowNone: "neither follows the other", client.FollowedBy: "is a follower", client.FollowsThem: "is followed",
	client.FollowedMutual: "each follows the other",
}

func newFollowCheckCommand(c *connection) *cobra.Command {
	return &cobra.Command{
		Use:     "check USER OTHER...",
		Short:   "Show how others stand to a user, at most 100",
		Example: "  greenroom follow check alice bob",
		Args:    cobra.MinimumNArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.call(cmd, func(ctx context.Context, api *client.Client, out io.Writer) error {
				checks, err := api.CheckFollow(ctx, args[0], args[1:]...)
				var o outcomes
				for _, r := range checks {
					o.add(r.UserID, r.ResultCode, r.ResultInfo, standings[r.FollowType])
				}
				return o.write(out, err)
			})
		},
	}
}

// lists are the lists of a user by their names.
var lists = map[string]client.FollowList{
	"followers": client.ListFollowers, "following": client.ListFollowing, "mutual": client.ListMutual,
}

func newFollowListCommand(c *connection) *cobra.Command {
	var list, cursor string
	var count int
	cmd := &cobra.Command{
		Use:   "list USER",
		Short: "Show a page of a user's followers, or of whom the user follows, the newest first",
		Example: `  greenroom follow list alice
  greenroom follow list alice --type following --count 1000`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			number, ok := lists[list]
			if !ok {
				return fmt.Errorf("--type must be followers, following or mutual, not %q", list)
			}
			return c.call(cmd, func(ctx context.Context, api *client.Client, out io.Writer) error {
				page, next, err := api.FollowPage(ctx, args[0], number, cursor, count)
				if err != nil {
					return err
				}
				return writeFollowed(out, page, next)
			})
		},
	}
	cmd.Flags().StringVar(&list, "type", "followers", "followers, following or mutual")
	cmd.Flags().StringVar(&cursor, "cursor", "", "where the page begins, as the page before said")
	cmd.Flags().IntVar(&count, "count", 100, "how many, at most 1,000")
	_ = cmd.RegisterFlagCompletionFunc("type",
		cobra.FixedCompletions([]string{"followers", "following", "mutual"}, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

func writeFollowed(out io.Writer, page []client.Followed, next string) error {
	var lines [][]string
	for _, f := range page {
		name := "-"
		for _, i := range f.Items {
			if i.Tag == client.TagNick {
				name = valueText(i.Value)
			}
		}
		lines = append(lines, []string{asWord(f.UserID), time.Unix(f.Since, 0).UTC().Format(time.RFC3339), name})
	}
	if len(page) == 0 {
		fmt.Fprintln(out, "nobody")
	}
	if err := table(out, lines); err != nil || next == "" {
		return err
	}
	_, err := fmt.Fprintf(out, "there are more: --cursor %s\n", asWord(next))
	return err
}

func newFollowInfoCommand(c *connection) *cobra.Command {
	return &cobra.Command{
		Use:     "info USER...",
		Short:   "Show how many followers users have, and how many they follow, at most 20",
		Example: "  greenroom follow info alice bob",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.call(cmd, func(ctx context.Context, api *client.Client, out io.Writer) error {
				infos, err := api.FollowInfo(ctx, args...)
				var o outcomes
				for _, i := range infos {
					o.add(i.UserID, i.ResultCode, i.ResultInfo, strconv.FormatInt(i.FollowerCount, 10),
						strconv.FormatInt(i.FollowingCount, 10), strconv.FormatInt(i.MutualFollowingCount, 10))
				}
				return o.write(out, err, "USER", "FOLLOWERS", "FOLLOWING", "MUTUAL")
			})
		},
	}
}

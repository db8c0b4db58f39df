package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/greenroom-live/greenroom/client"
)

// newGiftCommand keeps the catalogue of gifts, and gives them, through the REST API of a running server.
func newGiftCommand() *cobra.Command {
	c := new(connection)
	cmd := &cobra.Command{
		Use:   "gift",
		Short: "Keep the catalogue of gifts of an app, and give gifts in its rooms",
		Long: `Keep the catalogue of gifts of an app, and give gifts in its rooms, as an App admin through the server's REST API.

Without --app and --key, the development app that "greenroom serve" keeps in its data folder is used.`,
		Example: `  greenroom gift copy-defaults
  greenroom gift add rose --name Rose --coins 5
  greenroom gift add-category hot --name Hot
  greenroom gift put hot rose
  greenroom gift send hello rose --from bob --to alice`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	c.register(cmd.PersistentFlags())
	cmd.AddCommand(
		newGiftListCommand(c), newGiftCategoriesCommand(c), newGiftAddCommand(c), newGiftEditCommand(c), newGiftDeleteCommand(c),
		newGiftTextCommand(c), newGiftAddCategoryCommand(c), newGiftEditCategoryCommand(c), newGiftDeleteCategoryCommand(c),
		newGiftCategoryTextCommand(c), newGiftPutCommand(c), newGiftTakeCommand(c), newGiftInCommand(c), newGiftCopyDefaultsCommand(c),
		newGiftSendCommand(c), newGiftCountCommand(c),
	)
	for _, sub := range cmd.Commands() {
		sub.ValidArgsFunction = cobra.NoFileCompletions
	}
	return cmd
}

// simple is a subcommand without a result of its own: done says what was done.
func (c *connection) simple(cmd *cobra.Command, do func(context.Context, *client.Client) error, done string, args ...any) error {
	return c.call(cmd, func(ctx context.Context, api *client.Client, out io.Writer) error {
		fmt.Fprintf(out, done+"\n", args...)
		return do(ctx, api)
	})
}

func newGiftListCommand(c *connection) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "Show the gifts, the newest first",
		Long:  "Show the gifts, the newest first: id, price, level, name, and the categories that each is in.",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.call(cmd, func(ctx context.Context, api *client.Client, out io.Writer) error {
				all, err := api.GiftCatalogue(ctx)
				if err != nil {
					return err
				}
				if len(all.Gifts) == 0 {
					fmt.Fprintln(out, "there are no gifts; `greenroom gift copy-defaults` makes some")
				}
				table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
				for _, g := range all.Gifts {
					var in []string
					for _, category := range all.Categories {
						if slices.Contains(category.GiftIDs, g.GiftID) {
							in = append(in, category.CategoryID)
						}
					}
					fmt.Fprintf(table, "%s\t%d coins\tlevel %d\t%s\t%s\n", asWord(g.GiftID), g.Coins, g.Level, onLine(g.Name), words(in))
				}
				return table.Flush()
			})
		},
	}
}

func newGiftCategoriesCommand(c *connection) *cobra.Command {
	return &cobra.Command{
		Use:   "categories",
		Short: "Show the categories and the gifts in them",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.call(cmd, func(ctx context.Context, api *client.Client, out io.Writer) error {
				all, err := api.GiftCatalogue(ctx)
				if err != nil {
					return err
				}
				if len(all.Categories) == 0 {
					fmt.Fprintln(out, "there are no gift categories")
				}
				table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
				for _, category := range all.Categories {
					fmt.Fprintf(table, "%s\t%s\t%s\n", asWord(category.CategoryID), onLine(category.Name), words(category.GiftIDs))
				}
				return table.Flush()
			})
		},
	}
}

func registerGift(flags *pflag.FlagSet, g *client.Gift) {
	flags.StringVar(&g.Name, "name", "", "name, 1 to 20 bytes")
	flags.StringVar(&g.Desc, "desc", "", "description, at most 20 bytes")
	flags.IntVar(&g.Coins, "coins", 0, "price of one, 0 to 2147483647")
	flags.IntVar(&g.Level, "level", 0, "level, 0 to 99")
	flags.StringVar(&g.IconURL, "icon-url", "", "picture, at most 200 bytes")
	flags.StringVar(&g.ResourceURL, "resource-url", "", "animation, at most 200 bytes")
	flags.StringVar(&g.ExtensionInfo, "extension", "", "JSON of your own, at most 100 bytes")
}

func newGiftAddCommand(c *connection) *cobra.Command {
	var g client.Gift
	cmd := &cobra.Command{
		Use:     "add GIFT --name NAME --coins COINS",
		Short:   "Add a gift to the catalogue",
		Example: `  greenroom gift add rose --name Rose --coins 5 --icon-url https://cdn.example.com/rose.png`,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			g.GiftID = args[0]
			add := func(ctx context.Context, api *client.Client) error { return api.AddGift(ctx, g) }
			return c.simple(cmd, add, "added gift %s", onLine(args[0]))
		},
	}
	registerGift(cmd.Flags(), &g)
	_ = cmd.MarkFlagRequired("name")
	_ = cmd.MarkFlagRequired("coins")
	return cmd
}

func newGiftEditCommand(c *connection) *cobra.Command {
	var g client.Gift
	cmd := &cobra.Command{
		Use:     "edit GIFT",
		Short:   "Change a gift of the catalogue",
		Long:    "Change a gift of the catalogue. What no flag says stays; an empty text clears, but not the name.",
		Example: `  greenroom gift edit rose --coins 7 --desc ""`,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			edit := client.GiftEdit{
				GiftID: args[0], Name: given(cmd, "name", g.Name), Desc: given(cmd, "desc", g.Desc), Coins: given(cmd, "coins", g.Coins),
				Level: given(cmd, "level", g.Level), IconURL: given(cmd, "icon-url", g.IconURL),
				ResourceURL: given(cmd, "resource-url", g.ResourceURL), ExtensionInfo: given(cmd, "extension", g.ExtensionInfo),
			}
			if edit == (client.GiftEdit{GiftID: args[0]}) {
				return errors.New("nothing to change: give at least one flag of the gift, such as --name")
			}
			do := func(ctx context.Context, api *client.Client) error { return api.EditGift(ctx, edit) }
			return c.simple(cmd, do, "changed gift %s", onLine(args[0]))
		},
	}
	registerGift(cmd.Flags(), &g)
	return cmd
}

func newGiftDeleteCommand(c *connection) *cobra.Command {
	return &cobra.Command{
		Use:     "delete GIFT",
		Short:   "Remove a gift from the catalogue",
		Long:    "Remove a gift from the catalogue, with its texts and its places in categories. It is no error when there is none.",
		Example: "  greenroom gift delete rose",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			do := func(ctx context.Context, api *client.Client) error { return api.DeleteGift(ctx, args[0]) }
			return c.simple(cmd, do, "there is no gift %s any more", onLine(args[0]))
		},
	}
}

func newGiftTextCommand(c *connection) *cobra.Command {
	var remove bool
	cmd := &cobra.Command{
		Use:   "text GIFT LANGUAGE [NAME [DESC]]",
		Short: "Set a gift's name and description in a language, or remove them",
		Example: `  greenroom gift text rose zh-Hans 玫瑰
  greenroom gift text rose zh-Hans --remove`,
		Args: textArgs(&remove),
		RunE: func(cmd *cobra.Command, args []string) error {
			if remove {
				do := func(ctx context.Context, api *client.Client) error { return api.DeleteGiftText(ctx, args[0], args[1]) }
				return c.simple(cmd, do, "gift %s has no texts in %s any more", onLine(args[0]), onLine(args[1]))
			}
			text := client.GiftText{Language: args[1], Name: args[2], Desc: rest(args, 3)}
			do := func(ctx context.Context, api *client.Client) error { return api.SetGiftText(ctx, args[0], text) }
			return c.simple(cmd, do, "set the texts of gift %s in %s", onLine(args[0]), onLine(args[1]))
		},
	}
	cmd.Flags().BoolVar(&remove, "remove", false, "remove the texts in that language")
	return cmd
}

// textArgs wants an id, a language and texts, or no texts when they are to be removed.
func textArgs(remove *bool) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch {
		case *remove && len(args) != 2:
			return errors.New("to remove texts, give an id and a language")
		case !*remove && (len(args) < 3 || len(args) > 4):
			return errors.New("an id, a language, a name and perhaps a description are needed")
		}
		return nil
	}
}

// rest is the nth argument, empty when there is none.
func rest(args []string, n int) string {
	if n < len(args) {
		return args[n]
	}
	return ""
}

func newGiftCopyDefaultsCommand(c *connection) *cobra.Command {
	return &cobra.Command{
		Use:   "copy-defaults",
		Short: "Give an app without gifts the server's own set",
		Long:  "Give an app that has no gifts and no categories the server's own set: 15 gifts in 3 categories.",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			do := func(ctx context.Context, api *client.Client) error { return api.CopyDefaultGifts(ctx) }
			return c.simple(cmd, do, "the app has the default gifts now")
		},
	}
}

func newGiftSendCommand(c *connection) *cobra.Command {
	var sending client.GiftSending
	cmd := &cobra.Command{
		Use:     "send ROOM GIFT --from USER --to USER[,USER...]",
		Short:   "Give gifts in a room",
		Long:    "Give gifts in a room, if the app server agrees. Everybody in the room hears of it.",
		Example: "  greenroom gift send hello rose --from bob --to alice --count 3",
		Args:    cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			if sending.Count < 1 {
				return fmt.Errorf("--count must be 1 to 100000, not %d", sending.Count)
			}
			sending.RoomID, sending.GiftID = args[0], args[1]
			do := func(ctx context.Context, api *client.Client) error { return api.SendGift(ctx, sending) }
			return c.simple(cmd, do, "%s gave %d of %s in room %s to %s", asWord(sending.From), sending.Count, asWord(args[1]),
				onLine(args[0]), listed(sending.To))
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&sending.From, "from", "", "UserID of the sender")
	flags.StringSliceVar(&sending.To, "to", nil, "UserIDs of the receivers, 1 to 20")
	flags.IntVar(&sending.Count, "count", 1, "how many each receiver gets, 1 to 100000")
	_ = cmd.MarkFlagRequired("from")
	_ = cmd.MarkFlagRequired("to")
	return cmd
}

func newGiftCountCommand(c *connection) *cobra.Command {
	var from string
	cmd := &cobra.Command{
		Use:     "count ROOM",
		Short:   "Show how many gifts were given in a room",
		Example: "  greenroom gift count hello --from bob",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.call(cmd, func(ctx context.Context, api *client.Client, out io.Writer) error {
				n, err := api.GiftCount(ctx, args[0], from)
				fmt.Fprintf(out, "%d gifts worth %d coins from %d users\n", n.TotalCount, n.TotalCoins, n.GiftSenderCount)
				return err
			})
		},
	}
	cmd.Flags().StringVar(&from, "from", "", "UserID of one sender; everybody when not given")
	return cmd
}

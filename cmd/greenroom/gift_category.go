package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/greenroom-live/greenroom/client"
)

func registerGiftCategory(flags *pflag.FlagSet, category *client.GiftCategory) {
	flags.StringVar(&category.Name, "name", "", "name, 1 to 20 bytes")
	flags.StringVar(&category.Desc, "desc", "", "description, at most 60 bytes")
	flags.StringVar(&category.ExtensionInfo, "extension", "", "JSON of your own, at most 100 bytes")
}

func newGiftAddCategoryCommand(c *connection) *cobra.Command {
	var category client.GiftCategory
	cmd := &cobra.Command{
		Use:     "add-category CATEGORY --name NAME",
		Short:   "Add a category of gifts",
		Example: `  greenroom gift add-category hot --name Hot --desc "What everybody gives"`,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			category.CategoryID = args[0]
			do := func(ctx context.Context, api *client.Client) error { return api.AddGiftCategory(ctx, category) }
			return c.simple(cmd, do, "added gift category %s", onLine(args[0]))
		},
	}
	registerGiftCategory(cmd.Flags(), &category)
	_ = cmd.MarkFlagRequired("name")
	return cmd
}

func newGiftEditCategoryCommand(c *connection) *cobra.Command {
	var category client.GiftCategory
	cmd := &cobra.Command{
		Use:     "edit-category CATEGORY",
		Short:   "Change a category of gifts",
		Long:    "Change a category of gifts. What no flag says stays; an empty text clears, but not the name.",
		Example: "  greenroom gift edit-category hot --name Hotter",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			edit := client.GiftCategoryEdit{
				CategoryID: args[0], Name: given(cmd, "name", category.Name), Desc: given(cmd, "desc", category.Desc),
				ExtensionInfo: given(cmd, "extension", category.ExtensionInfo),
			}
			if edit == (client.GiftCategoryEdit{CategoryID: args[0]}) {
				return errors.New("nothing to change: give at least one flag of the category, such as --name")
			}
			do := func(ctx context.Context, api *client.Client) error { return api.EditGiftCategory(ctx, edit) }
			return c.simple(cmd, do, "changed gift category %s", onLine(args[0]))
		},
	}
	registerGiftCategory(cmd.Flags(), &category)
	return cmd
}

func newGiftDeleteCategoryCommand(c *connection) *cobra.Command {
	return &cobra.Command{
		Use:     "delete-category CATEGORY",
		Short:   "Remove a category of gifts",
		Long:    "Remove a category with its texts. The gifts in it stay in the catalogue. It is no error when there is none.",
		Example: "  greenroom gift delete-category hot",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			do := func(ctx context.Context, api *client.Client) error { return api.DeleteGiftCategory(ctx, args[0]) }
			return c.simple(cmd, do, "there is no gift category %s any more", onLine(args[0]))
		},
	}
}

func newGiftCategoryTextCommand(c *connection) *cobra.Command {
	var remove bool
	cmd := &cobra.Command{
		Use:   "category-text CATEGORY LANGUAGE [NAME [DESC]]",
		Short: "Set a category's name and description in a language, or remove them",
		Example: `  greenroom gift category-text hot zh-Hant 熱門
  greenroom gift category-text hot zh-Hant --remove`,
		Args: textArgs(&remove),
		RunE: func(cmd *cobra.Command, args []string) error {
			if remove {
				do := func(ctx context.Context, api *client.Client) error {
					return api.DeleteGiftCategoryText(ctx, args[0], args[1])
				}
				return c.simple(cmd, do, "gift category %s has no texts in %s any more", onLine(args[0]), onLine(args[1]))
			}
			text := client.GiftCategoryText{Language: args[1], Name: args[2], Desc: rest(args, 3)}
			do := func(ctx context.Context, api *client.Client) error {
				return api.SetGiftCategoryText(ctx, args[0], text)
			}
			return c.simple(cmd, do, "set the texts of gift category %s in %s", onLine(args[0]), onLine(args[1]))
		},
	}
	cmd.Flags().BoolVar(&remove, "remove", false, "remove the texts in that language")
	return cmd
}

func newGiftPutCommand(c *connection) *cobra.Command {
	return &cobra.Command{
		Use:     "put CATEGORY GIFT...",
		Short:   "Put gifts into a category",
		Long:    "Put gifts into a category, at most 100 in a call. Ids that are no gifts are passed over, unless all are.",
		Example: "  greenroom gift put hot rose car",
		Args:    cobra.MinimumNArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.call(cmd, func(ctx context.Context, api *client.Client, out io.Writer) error {
				invalid, err := api.AddGiftsToCategory(ctx, args[0], args[1:]...)
				fmt.Fprintf(out, "gift category %s has now: %s\n", onLine(args[0]), listed(without(args[1:], invalid)))
				if len(invalid) > 0 {
					fmt.Fprintf(out, "no gifts: %s\n", listed(invalid))
				}
				return err
			})
		},
	}
}

func without(texts, unwanted []string) (wanted []string) {
	drop := make(map[string]bool, len(unwanted))
	for _, text := range unwanted {
		drop[text] = true
	}
	for _, text := range texts {
		if !drop[text] {
			wanted = append(wanted, text)
		}
	}
	return wanted
}

func newGiftTakeCommand(c *connection) *cobra.Command {
	return &cobra.Command{
		Use:     "take CATEGORY GIFT...",
		Short:   "Take gifts out of a category",
		Long:    "Take gifts out of a category, at most 100 in a call. Those that are not in it are passed over.",
		Example: "  greenroom gift take hot rose",
		Args:    cobra.MinimumNArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			do := func(ctx context.Context, api *client.Client) error {
				return api.RemoveGiftsFromCategory(ctx, args[0], args[1:]...)
			}
			return c.simple(cmd, do, "gift category %s no longer has: %s", onLine(args[0]), listed(args[1:]))
		},
	}
}

func newGiftInCommand(c *connection) *cobra.Command {
	return &cobra.Command{
		Use:     "in CATEGORY",
		Short:   "Show which gifts are in a category",
		Example: "  greenroom gift in hot",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.call(cmd, func(ctx context.Context, api *client.Client, out io.Writer) error {
				gifts, err := api.GiftsOfCategory(ctx, args[0])
				if err != nil {
					return err
				}
				if len(gifts) == 0 {
					fmt.Fprintf(out, "category %s has no gifts\n", onLine(args[0]))
				}
				for _, gift := range gifts {
					fmt.Fprintln(out, onLine(gift))
				}
				return nil
			})
		},
	}
}

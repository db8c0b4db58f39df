package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/greenroom-live/greenroom/client"
)

// newAccountCommand looks after the accounts of an app through the REST API of a running server.
func newAccountCommand() *cobra.Command {
	c := new(connection)
	cmd := &cobra.Command{
		Use:   "account",
		Short: "Import, show, change, kick and delete accounts of a running server",
		Long: `Import, show, change, kick and delete accounts of a running server, as an App admin through its REST API.

Without --app and --key, the development app that "greenroom serve" keeps in its data folder is used.`,
		Example: `  greenroom account import alice --nick Alice
  greenroom account set-profile alice Level=3 Custom_Tier=gold
  greenroom account status alice bob
  greenroom account kick alice`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	c.register(cmd.PersistentFlags())
	cmd.AddCommand(
		newAccountImportCommand(c),
		newAccountCheckCommand(c),
		newAccountDeleteCommand(c),
		newAccountKickCommand(c),
		newAccountStatusCommand(c),
		newProfileCommand(c),
		newSetProfileCommand(c),
	)
	for _, sub := range cmd.Commands() {
		sub.ValidArgsFunction = cobra.NoFileCompletions
	}
	return cmd
}

func newAccountImportCommand(c *connection) *cobra.Command {
	var nick, face string
	cmd := &cobra.Command{
		Use:   "import USER...",
		Short: "Make users known, at most 100",
		Long:  "Make users known, at most 100. Those that are known already get the name and picture that are given.",
		Example: `  greenroom account import alice --nick Alice
  greenroom account import alice bob carol`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			list := make([]client.Account, len(args))
			for i, user := range args {
				list[i] = client.Account{UserID: user, Nick: nick, FaceURL: face}
			}
			return c.call(cmd, func(ctx context.Context, api *client.Client, out io.Writer) error {
				failed, err := api.ImportAccounts(ctx, list...)
				if err != nil {
					return err
				}
				fmt.Fprintf(out, "imported %d of %d\n", len(args)-len(failed), len(args))
				if len(failed) > 0 {
					fmt.Fprintf(out, "not imported: %s\n", listed(failed))
				}
				return refusalsOf(len(failed), len(args))
			})
		},
	}
	cmd.Flags().StringVar(&nick, "nick", "", "name, at most 500 bytes")
	cmd.Flags().StringVar(&face, "face-url", "", "picture, at most 500 bytes")
	return cmd
}

func newAccountCheckCommand(c *connection) *cobra.Command {
	return &cobra.Command{
		Use:     "check USER...",
		Short:   "Show which users are known, at most 100",
		Example: "  greenroom account check alice bob",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.call(cmd, func(ctx context.Context, api *client.Client, out io.Writer) error {
				checks, err := api.CheckAccounts(ctx, args...)
				var o outcomes
				for _, a := range checks {
					o.add(a.UserID, a.ResultCode, a.ResultInfo, onLine(a.Status))
				}
				return o.write(out, err)
			})
		},
	}
}

func newAccountDeleteCommand(c *connection) *cobra.Command {
	return &cobra.Command{
		Use:   "delete USER...",
		Short: "Delete users, at most 100",
		Long: `Delete users, at most 100, with their profiles and follow relations. They leave their rooms, are disconnected, and
the UserSigs they have are refused. Rooms that they own stay.`,
		Example: "  greenroom account delete alice",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.call(cmd, func(ctx context.Context, api *client.Client, out io.Writer) error {
				results, err := api.DeleteAccounts(ctx, args...)
				var o outcomes
				for _, r := range results {
					o.add(r.UserID, r.ResultCode, r.ResultInfo, "deleted")
				}
				return o.write(out, err)
			})
		},
	}
}

func newAccountKickCommand(c *connection) *cobra.Command {
	return &cobra.Command{
		Use:     "kick USER",
		Short:   "End a user's logins",
		Long:    "End a user's logins: its connections are closed, and the UserSigs it has are refused. A UserSig made in a later second works.",
		Example: "  greenroom account kick alice",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.call(cmd, func(ctx context.Context, api *client.Client, out io.Writer) error {
				fmt.Fprintf(out, "kicked %s\n", asWord(args[0]))
				return api.Kick(ctx, args[0])
			})
		},
	}
}

func newAccountStatusCommand(c *connection) *cobra.Command {
	return &cobra.Command{
		Use:     "status USER...",
		Short:   "Show who is connected, and from where, at most 500",
		Example: "  greenroom account status alice bob",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.call(cmd, func(ctx context.Context, api *client.Client, out io.Writer) error {
				known, unknown, err := api.OnlineStatus(ctx, args...)
				var lines [][]string
				for _, s := range known {
					line := []string{asWord(s.UserID), onLine(s.Status)}
					for _, platform := range s.Platforms {
						line = append(line, onLine(platform))
					}
					lines = append(lines, line)
				}
				for _, user := range unknown {
					lines = append(lines, []string{asWord(user), "unknown"})
				}
				return cmp.Or(err, table(out, lines))
			})
		},
	}
}

// tagPrefix begins every tag of a profile; the command line leaves it out, and IM_ with it.
const tagPrefix, standardPrefix = "Tag_Profile_", "Tag_Profile_IM_"

// standardTags are shown by profile when none is named.
var standardTags = []string{
	client.TagNick, client.TagImage, client.TagGender, client.TagBirthday, client.TagLocation, client.TagSelfSignature,
	client.TagAllowType, client.TagLanguage, client.TagAdminForbid, client.TagLevel, client.TagRole,
}

// numberTags take numbers.
var numberTags = []string{client.TagBirthday, client.TagLanguage, client.TagLevel, client.TagRole}

// longTag returns the tag that name stands for: Nick, IM_Nick or Custom_Tier, or the whole of it.
func longTag(name string) string {
	switch {
	case strings.HasPrefix(name, tagPrefix):
		return name
	case strings.HasPrefix(name, "IM_"), strings.HasPrefix(name, "Custom_"):
		return tagPrefix + name
	}
	return standardPrefix + name
}

func newProfileCommand(c *connection) *cobra.Command {
	return &cobra.Command{
		Use:   "profile USER [TAG...]",
		Short: "Show a user's profile",
		Long: `Show what is set of a user's profile: all standard tags, or those that are named. A tag may be named without
Tag_Profile_IM_ in front of it; custom ones have to be named, like Custom_Tier.`,
		Example: `  greenroom account profile alice
  greenroom account profile alice Nick Custom_Tier`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			tags := standardTags
			if len(args) > 1 {
				tags = nil
				for _, name := range args[1:] {
					tags = append(tags, longTag(name))
				}
			}
			return c.call(cmd, func(ctx context.Context, api *client.Client, out io.Writer) error {
				profiles, err := api.Profiles(ctx, args[:1], tags...)
				if err != nil {
					return err
				}
				return writeProfiles(out, profiles)
			})
		},
	}
}

func writeProfiles(out io.Writer, profiles []client.Profile) error {
	var lines [][]string
	for _, p := range profiles {
		if p.ResultCode != 0 {
			return fmt.Errorf("%d: %s", p.ResultCode, onLine(p.ResultInfo))
		}
		for _, i := range p.Items {
			name := strings.TrimPrefix(strings.TrimPrefix(i.Tag, standardPrefix), tagPrefix)
			lines = append(lines, []string{asWord(name), valueText(i.Value)})
		}
		if len(p.Items) == 0 {
			fmt.Fprintf(out, "nothing of that is set for %s\n", asWord(p.UserID))
		}
	}
	return table(out, lines)
}

func valueText(value any) string {
	if number, ok := value.(float64); ok {
		return strconv.FormatFloat(number, 'f', -1, 64)
	}
	return onLine(fmt.Sprint(value))
}

func newSetProfileCommand(c *connection) *cobra.Command {
	return &cobra.Command{
		Use:   "set-profile USER TAG=VALUE...",
		Short: "Write values of a user's profile",
		Long: `Write values of a user's profile, all of them or none; others stay, and an empty value takes one away. A tag may be
named without Tag_Profile_IM_ in front of it.`,
		Example: `  greenroom account set-profile alice Nick=Alice Level=3 Custom_Tier=gold
  greenroom account set-profile alice Image=`,
		Args: cobra.MinimumNArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			items, err := parseItems(args[1:])
			if err != nil {
				return err
			}
			return c.call(cmd, func(ctx context.Context, api *client.Client, out io.Writer) error {
				fmt.Fprintf(out, "set the profile of %s\n", asWord(args[0]))
				return api.SetProfile(ctx, args[0], items...)
			})
		},
	}
}

func parseItems(args []string) ([]client.ProfileItem, error) {
	items := make([]client.ProfileItem, len(args))
	for i, arg := range args {
		name, value, ok := strings.Cut(arg, "=")
		if !ok || name == "" {
			return nil, fmt.Errorf("%q is not TAG=VALUE", arg)
		}
		items[i] = client.ProfileItem{Tag: longTag(name), Value: value}
		for _, tag := range numberTags {
			if tag != items[i].Tag {
				continue
			}
			n, err := strconv.ParseUint(value, 10, 32)
			if err != nil {
				return nil, fmt.Errorf("%s takes a number, not %q", name, value)
			}
			items[i].Value = n
		}
	}
	return items, nil
}

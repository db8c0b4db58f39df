package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/greenroom-live/greenroom/client"
	"github.com/greenroom-live/greenroom/webhook"
)

// newWebhookCommand says where an app's webhooks go and how they are signed, through the REST API of a running server, and
// what became of them, through its operator API.
func newWebhookCommand() *cobra.Command {
	c := new(connection)
	cmd := &cobra.Command{
		Use:   "webhook",
		Short: "Say where an app's webhooks go, see what became of them, and send them again",
		Long: `Say where an app's webhooks go, see what became of them, and send them again.

set, update, get, delete and token configure an app, as an App admin through the REST API of a running server. Without --app
and --key, the development app that "greenroom serve" keeps in its data folder is used.

status, events, show, replay, pause, resume, purge and test are for those who run the server. They use its operator API,
which answers callers on the same machine unless operator.networks says otherwise, and need no key but the operator token:
--operator-token, GREENROOM_CLI_OPERATOR_TOKEN, or the file in --data-dir.`,
		Example: `  greenroom webhook set http://127.0.0.1:8701/
  greenroom webhook update --commands AfterSetMetadata,AfterDelMetadata
  greenroom webhook token set "$TOKEN"
  greenroom webhook get

  greenroom webhook test
  greenroom webhook status
  greenroom webhook events --state dead --since 1h
  greenroom webhook replay --dead`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	c.register(cmd.PersistentFlags())
	cmd.AddCommand(
		newWebhookSetCommand(c),
		newWebhookUpdateCommand(c),
		newWebhookGetCommand(c),
		newWebhookDeleteCommand(c),
		newWebhookTokenCommand(c),
	)
	o := &operatorConnection{connection: c}
	for _, sub := range []*cobra.Command{
		newWebhookStatusCommand(o),
		newWebhookEventsCommand(o),
		newWebhookShowCommand(o),
		newWebhookReplayCommand(o),
		newWebhookPauseCommand(o),
		newWebhookResumeCommand(o),
		newWebhookPurgeCommand(o),
		newWebhookTestCommand(o),
	} {
		o.register(sub.Flags())
		cmd.AddCommand(sub)
	}
	return cmd
}

func newWebhookSetCommand(c *connection) *cobra.Command {
	var choice commandChoice
	cmd := &cobra.Command{
		Use:   "set URL",
		Short: "Configure an app's webhooks for the first time",
		Long:  "Configure an app's webhooks for the first time. Every event is sent unless --commands names some.",
		Example: `  greenroom webhook set http://127.0.0.1:8701/
  greenroom webhook set https://app.example.com/webhooks --commands AfterCreateRoom,AfterDestroyRoom`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, args []string) error {
			callback := client.Callback{URL: args[0], Commands: eventWords()}
			if choice.given(cmd) {
				callback.Commands = choice.words()
			}
			return c.call(cmd, func(ctx context.Context, api *client.Client, out io.Writer) error {
				writeCallback(out, callback)
				return api.SetCallback(ctx, callback)
			})
		},
	}
	choice.register(cmd)
	return cmd
}

func newWebhookUpdateCommand(c *connection) *cobra.Command {
	var choice commandChoice
	cmd := &cobra.Command{
		Use:   "update [URL]",
		Short: "Change the URL or the commands of an app's webhooks",
		Long:  "Change the URL or the commands of an app's webhooks. What is not given stays as it is.",
		Example: `  greenroom webhook update http://127.0.0.1:9000/
  greenroom webhook update --all`,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 && !choice.given(cmd) {
				return errors.New("nothing to change: give a URL, --commands or --all")
			}
			return c.call(cmd, func(ctx context.Context, api *client.Client, out io.Writer) error {
				callback, err := api.Callback(ctx)
				if err != nil {
					return err
				}
				if len(args) == 1 {
					callback.URL = args[0]
				}
				if choice.given(cmd) {
					callback.Commands = choice.words()
				}
				writeCallback(out, callback)
				return api.UpdateCallback(ctx, callback)
			})
		},
	}
	choice.register(cmd)
	return cmd
}

func newWebhookGetCommand(c *connection) *cobra.Command {
	return &cobra.Command{
		Use:     "get",
		Short:   "Show where an app's webhooks go and which are sent",
		Example: "  greenroom webhook get",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.call(cmd, func(ctx context.Context, api *client.Client, out io.Writer) error {
				callback, err := api.Callback(ctx)
				if err != nil {
					return err
				}
				writeCallback(out, callback)
				return nil
			})
		},
	}
}

func newWebhookDeleteCommand(c *connection) *cobra.Command {
	return &cobra.Command{
		Use:     "delete",
		Short:   "Send no more webhooks of an app",
		Example: "  greenroom webhook delete",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.call(cmd, func(ctx context.Context, api *client.Client, out io.Writer) error {
				fmt.Fprintln(out, "webhooks are off")
				return api.DeleteCallback(ctx)
			})
		},
	}
}

func writeCallback(out io.Writer, callback client.Callback) {
	fmt.Fprintf(out, "webhooks go to %s\n", onLine(callback.URL))
	if len(callback.Commands) == 0 {
		fmt.Fprintln(out, "none is switched on")
	}
	for _, word := range callback.Commands {
		fmt.Fprintf(out, "  %s\n", onLine(word))
	}
}

// commandChoice is which webhooks are to be switched on.
type commandChoice struct {
	commands []string
	all      bool
}

func (c *commandChoice) register(cmd *cobra.Command) {
	cmd.Flags().StringSliceVar(&c.commands, "commands", nil,
		"webhooks to switch on, by their command words; the part before After or Before may be left out; \"\" switches on none")
	cmd.Flags().BoolVar(&c.all, "all", false, "switch on every event")
	cmd.MarkFlagsMutuallyExclusive("commands", "all")
	_ = cmd.RegisterFlagCompletionFunc("commands", completeCommands)
}

func (c *commandChoice) given(cmd *cobra.Command) bool {
	return cmd.Flags().Changed("commands") || c.all
}

func (c *commandChoice) words() []string {
	if c.all {
		return eventWords()
	}
	words := make([]string, len(c.commands)) // never nil: an empty list has to be sent as one
	for i, word := range c.commands {
		words[i] = fullWord(word)
	}
	return words
}

// eventWords are the words of the webhooks that report what has happened, which are safe to switch on: those that ask
// before something happens wait for a decision.
func eventWords() []string {
	var words []string
	for _, word := range webhook.Words() {
		if kind, _ := webhook.Lookup(string(word)); !kind.Before && !kind.Switch {
			words = append(words, string(word))
		}
	}
	return words
}

// fullWord returns the command word that ends in short, or short itself for the server to judge.
func fullWord(short string) string {
	for _, word := range webhook.Words() {
		if shortWord(word) == short {
			return string(word)
		}
	}
	return short
}

// shortWord is a command word without what stands before After or Before; no two are the same.
func shortWord(word webhook.Command) string {
	_, short, found := strings.Cut(string(word), ".Callback")
	if !found {
		return string(word)
	}
	return short
}

// completeCommands completes the last word of a list with commas, without those that it has already.
func completeCommands(_ *cobra.Command, _ []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
	before := typed[:strings.LastIndexByte(typed, ',')+1]
	var found []cobra.Completion
	for _, word := range webhook.Words() {
		if !strings.Contains(","+before, ","+string(word)+",") {
			found = append(found, before+string(word))
		}
	}
	return found, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
}

func newWebhookTokenCommand(c *connection) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "token",
		Short: "Set, show and delete the token that an app's webhooks are signed with",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newTokenSetCommand(c), newTokenGetCommand(c), newTokenDeleteCommand(c))
	return cmd
}

func newTokenSetCommand(c *connection) *cobra.Command {
	var enabled bool
	cmd := &cobra.Command{
		Use:   "set [TOKEN]",
		Short: "Set the token, and whether it signs",
		Long: `Set the token, 1 to 128 characters of printable ASCII, and whether it signs the webhooks. A new token does unless
--enabled=false is given. Without a token, only --enabled is changed.`,
		Example: `  greenroom webhook token set "$TOKEN"
  greenroom webhook token set --enabled=false`,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 && !cmd.Flags().Changed("enabled") {
				return errors.New("nothing to set: give a token or --enabled")
			}
			var token *string
			if len(args) == 1 {
				token = &args[0]
			}
			return c.call(cmd, func(ctx context.Context, api *client.Client, out io.Writer) error {
				fmt.Fprintln(out, tokenState(enabled))
				return api.SetCallbackToken(ctx, token, &enabled)
			})
		},
	}
	cmd.Flags().BoolVar(&enabled, "enabled", true, "whether the token signs the webhooks")
	return cmd
}

func tokenState(enabled bool) string {
	if enabled {
		return "the token signs the webhooks"
	}
	return "the token does not sign the webhooks"
}

func newTokenGetCommand(c *connection) *cobra.Command {
	return &cobra.Command{
		Use:   "get",
		Short: "Show the token and whether it signs",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.call(cmd, func(ctx context.Context, api *client.Client, out io.Writer) error {
				token, err := api.CallbackToken(ctx)
				fmt.Fprintf(out, "%s\n%s\n", onLine(token.Token), tokenState(token.Enabled))
				return err
			})
		},
	}
}

func newTokenDeleteCommand(c *connection) *cobra.Command {
	return &cobra.Command{
		Use:   "delete",
		Short: "Delete the token: webhooks are no longer signed with it",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.call(cmd, func(ctx context.Context, api *client.Client, out io.Writer) error {
				fmt.Fprintln(out, "there is no token")
				return api.DeleteCallbackToken(ctx)
			})
		},
	}
}

package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/greenroom-live/greenroom/client"
)

func newMessageCommand() *cobra.Command {
	c := new(connection)
	cmd := &cobra.Command{
		Use:   "message",
		Short: "Send messages to the rooms of a running server",
		Long: `Send messages to the rooms of a running server, as an App admin through its REST API. Everybody in the room gets them.

Without --app and --key, the development app that "greenroom serve" keeps in its data folder is used.`,
		Example: `  greenroom message send hello "Good evening"
  greenroom message send-custom hello pin_card '{"sku":"A-17"}'
  greenroom message send-group hello "Approved" --from lin --unasked`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	c.register(cmd.PersistentFlags())
	cmd.AddCommand(newMessageSendCommand(c), newMessageSendCustomCommand(c), newMessageSendGroupCommand(c))
	for _, sub := range cmd.Commands() {
		sub.ValidArgsFunction = cobra.NoFileCompletions
	}
	return cmd
}

// randomFlag is a Random that may be given.
type randomFlag struct{ value uint32 }

func (r *randomFlag) register(cmd *cobra.Command) {
	cmd.Flags().Uint32Var(&r.value, "random", 0,
		"number that marks repetitions: what is sent again with the same one within 5 minutes is sent once (default a random one)")
}

func (r *randomFlag) given(cmd *cobra.Command) *uint32 {
	if !cmd.Flags().Changed("random") {
		return nil
	}
	return &r.value
}

func newMessageSendCommand(c *connection) *cobra.Command {
	var m client.TextMessage
	var random randomFlag
	cmd := &cobra.Command{
		Use:   "send ROOM TEXT",
		Short: "Send a text to a room",
		Long: `Send a text to a room. The app server is asked about it first if it has switched Group.CallbackBeforeSendMsg on, and may
change or refuse it.`,
		Example: `  greenroom message send hello "Good evening"
  greenroom message send hello "Good evening" --from lin --extension '{"lv":4}'`,
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.call(cmd, func(ctx context.Context, api *client.Client, out io.Writer) error {
				m.RoomID, m.Text, m.Random = args[0], args[1], random.given(cmd)
				if m.Sender == "" {
					m.Sender = c.admin
				}
				sent, err := api.SendText(ctx, m)
				writeSent(out, args[0], sent)
				return err
			})
		},
	}
	random.register(cmd)
	cmd.Flags().StringVar(&m.Sender, "from", "", "user whom the text is from (default the App admin)")
	cmd.Flags().StringVar(&m.ExtensionInfo, "extension", "", "the app's own information, usually JSON text")
	return cmd
}

func newMessageSendCustomCommand(c *connection) *cobra.Command {
	var m client.CustomMessage
	var random randomFlag
	cmd := &cobra.Command{
		Use:     "send-custom ROOM KIND [DATA]",
		Short:   "Send a message of the app's own kind to a room",
		Long:    "Send a message of the app's own kind to a room; DATA is its content, usually JSON text.",
		Example: `  greenroom message send-custom hello pin_card '{"sku":"A-17"}'`,
		Args:    cobra.RangeArgs(2, 3),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.call(cmd, func(ctx context.Context, api *client.Client, out io.Writer) error {
				m.RoomID, m.BusinessID, m.Random = args[0], args[1], random.given(cmd)
				if len(args) > 2 {
					m.Data = args[2]
				}
				sent, err := api.SendCustom(ctx, m)
				writeSent(out, args[0], sent)
				return err
			})
		},
	}
	random.register(cmd)
	cmd.Flags().StringVar(&m.Sender, "from", "", "user whom the message is from (default the App admin)")
	return cmd
}

func newMessageSendGroupCommand(c *connection) *cobra.Command {
	var m client.GroupMessage
	var random randomFlag
	var unasked, unreported bool
	cmd := &cobra.Command{
		Use:   "send-group ROOM TEXT",
		Short: "Send a text to a room as chat does",
		Long: `Send a text to a room with the command taken over from chat, which can set its priority, and can leave the app server
out: moderators send again with --unasked what they have approved.`,
		Example: `  greenroom message send-group hello "Approved" --from lin --unasked
  greenroom message send-group hello "Doors close at nine" --priority High`,
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.call(cmd, func(ctx context.Context, api *client.Client, out io.Writer) error {
				m.GroupID, m.Body, m.Random = args[0], []client.MsgElement{client.TextElem(args[1])}, random.given(cmd)
				if unasked {
					m.ForbidCallbackControl = append(m.ForbidCallbackControl, "ForbidBeforeSendMsgCallback")
				}
				if unreported {
					m.ForbidCallbackControl = append(m.ForbidCallbackControl, "ForbidAfterSendMsgCallback")
				}
				sent, err := api.SendGroupMessage(ctx, m)
				writeSent(out, args[0], sent)
				return err
			})
		},
	}
	random.register(cmd)
	cmd.Flags().StringVar(&m.Sender, "from", "", "user whom the text is from (default the App admin)")
	cmd.Flags().StringVar(&m.Priority, "priority", "", "High, Normal (default), Low or Lowest: what gives way when there are too many")
	cmd.Flags().StringVar(&m.CloudCustomData, "custom-data", "", "the app's own information")
	cmd.Flags().BoolVar(&unasked, "unasked", false, "do not ask the app server about it")
	cmd.Flags().BoolVar(&unreported, "unreported", false, "do not tell the app server of it")
	priorities := []string{client.PriorityHigh, client.PriorityNormal, client.PriorityLow, client.PriorityLowest}
	_ = cmd.RegisterFlagCompletionFunc("priority", cobra.FixedCompletions(priorities, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

func writeSent(out io.Writer, room string, sent client.SentMessage) {
	if sent.Dropped() {
		fmt.Fprintf(out, "dropped: room %s gets no more messages in this second (%s)\n", onLine(room), onLine(sent.MsgDropReason))
		return
	}
	fmt.Fprintf(out, "sent message %d of room %s\n", sent.MsgSeq, onLine(room))
}

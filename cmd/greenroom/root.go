package main

import "github.com/spf13/cobra"

func newRootCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "greenroom",
		Short: "A self-hosted live-room server, wire-compatible with the server side of TUILiveKit",
		Long: `Greenroom is a self-hosted live-room server. App servers use its REST API, app users its WebSocket connections,
and every change reaches the app server as a signed webhook that is never lost and never out of order.

Start with:  greenroom serve    and in another terminal:  greenroom listen
Or see it work in one:  greenroom demo`,
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	cmd.AddCommand(
		newServeCommand(),
		newDemoCommand(),
		newListenCommand(),
		newRoomCommand(),
		newSeatCommand(),
		newRobotCommand(),
		newBattleCommand(),
		newGiftCommand(),
		newAccountCommand(),
		newFollowCommand(),
		newMemberCommand(),
		newMessageCommand(),
		newWebhookCommand(),
		newCallCommand(),
		newUserSigCommand(),
		newConfigCommand(),
		newVersionCommand(),
	)
	return cmd
}

package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

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
		newNodesCommand(),
		newCallCommand(),
		newUserSigCommand(),
		newConfigCommand(),
		newHealthCommand(),
		newMigrateCommand(),
		newImportCommand(),
		newVersionCommand(),
	)
	showUsage(cmd)
	cmd.SetFlagErrorFunc(withUsage)
	return cmd
}

// showUsage has cmd and all its subcommands say how they are called to whoever called them otherwise.
func showUsage(cmd *cobra.Command) {
	if check := cmd.Args; check != nil {
		cmd.Args = func(cmd *cobra.Command, args []string) error { return withUsage(cmd, check(cmd, args)) }
	}
	for _, sub := range cmd.Commands() {
		showUsage(sub)
	}
}

func withUsage(cmd *cobra.Command, err error) error {
	switch {
	case err == nil:
		return nil
	case cmd.HasSubCommands():
		return fmt.Errorf("%w; see `%s --help`", err, cmd.CommandPath())
	}
	return fmt.Errorf("%w\nusage: %s\n(more with --help)", err, cmd.UseLine())
}

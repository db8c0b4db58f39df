package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/greenroom-live/greenroom/internal/config"
)

// newConfigCommand prints the documented sample of the configuration file; its subcommand checks a file.
func newConfigCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "config",
		Short: "Print a configuration file with every key, its default and its meaning",
		Example: `  greenroom config > greenroom.yaml
  greenroom config check greenroom.yaml`,
		Args:         cobra.NoArgs,
		SilenceUsage: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := cmd.OutOrStdout().Write(config.Sample())
			return err
		},
	}
	cmd.AddCommand(newConfigCheckCommand())
	return cmd
}

func newConfigCheckCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "check FILE",
		Short: "Check a configuration file and name everything that is wrong with it",
		Long: `Check a configuration file and name everything that is wrong with it, one line a mistake.
Only the file is judged: the environment and the flags are left out.`,
		Args:         cobra.ExactArgs(1),
		SilenceUsage: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := config.CheckFile(args[0]); err != nil {
				return err
			}
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "%s: ok\n", args[0])
			return err
		},
	}
}

package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/greenroom-live/greenroom/internal/config"
	"github.com/greenroom-live/greenroom/internal/store"
	"github.com/greenroom-live/greenroom/internal/store/postgres"
	"github.com/greenroom-live/greenroom/internal/store/sqlite"
)

func newMigrateCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "migrate",
		Short: "See and carry out migrations of the database",
		Long: `See and carry out migrations: the steps by which the tables of the database get what a new version needs.

A server carries them out when it starts, unless database.migrate is manual. They only add, so the servers of the version
before go on while and after it happens. The database is that of the configuration: give the server's own file,
environment and flags.`,
	}
	cmd.AddCommand(
		newMigrateSubcommand("status", "Print the version of the tables, and what is pending", printSchema),
		newMigrateSubcommand("up", "Carry out what is pending", migrateUp),
	)
	return cmd
}

func newMigrateSubcommand(use, short string, run func(context.Context, *config.Config, io.Writer) error) *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use: use, Short: short, Args: cobra.NoArgs,
		Example: "  greenroom migrate " + use + ` --config greenroom.yaml
  GREENROOM_DATABASE_URL=postgres://greenroom@db/greenroom greenroom migrate ` + use,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, _, err := config.Load(config.Options{File: file, Environ: os.Environ(), Flags: cmd.Flags()})
			if err != nil {
				return err
			}
			return run(cmd.Context(), c, cmd.OutOrStdout())
		},
	}
	cmd.Flags().StringVar(&file, "config", "", "the server's configuration file")
	config.RegisterFlags(cmd.Flags())
	return cmd
}

func schemaOf(ctx context.Context, c *config.Config) (store.Schema, error) {
	if c.Shared() {
		return postgres.Schema(ctx, c.DatabaseURL.Reveal())
	}
	return sqlite.Schema(ctx, c.DataDir)
}

func printSchema(ctx context.Context, c *config.Config, out io.Writer) error {
	schema, err := schemaOf(ctx, c)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "database      %s\n", onLine(schema.Database))
	fmt.Fprintf(out, "its tables    version %d\n", schema.Version)
	fmt.Fprintf(out, "this program  version %d\n", schema.Known)
	if schema.Newer() {
		fmt.Fprintln(out, "a later version of Greenroom has migrated it; this one can serve on")
	}
	if len(schema.Pending) == 0 {
		_, err = fmt.Fprintln(out, "nothing is pending")
		return err
	}
	for _, m := range schema.Pending {
		fmt.Fprintf(out, "pending       %s\n", m.Name)
	}
	return nil
}

func migrateUp(ctx context.Context, c *config.Config, out io.Writer) error {
	up, database := sqlite.Migrate, c.DataDir
	if c.Shared() {
		up, database = postgres.Migrate, c.DatabaseURL.Reveal()
	}
	done, err := up(ctx, database)
	for _, m := range done {
		fmt.Fprintf(out, "carried out %s\n", m.Name)
	}
	if err == nil && len(done) == 0 {
		fmt.Fprintln(out, "nothing is pending")
	}
	return err
}

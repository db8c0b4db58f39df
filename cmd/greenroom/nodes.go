package main

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"github.com/greenroom-live/greenroom/internal/operator"
)

func newNodesCommand() *cobra.Command {
	c := &operatorConnection{connection: new(connection)}
	cmd := &cobra.Command{
		Use:   "nodes",
		Short: "List the processes that serve together",
		Long: `List the processes that serve together on one PostgreSQL: what they are called, their versions, since when they serve, and when
they were last seen. The one that answered has a star. A process on the embedded database is alone.`,
		Example: "  greenroom nodes --server http://127.0.0.1:8700",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.callAll(cmd, func(ctx context.Context, api *operator.Client, out io.Writer) error {
				all, err := api.Nodes(ctx)
				if err != nil {
					return err
				}
				return writeNodes(out, all)
			})
		},
	}
	c.connection.register(cmd.Flags())
	c.register(cmd.Flags())
	return cmd
}

func writeNodes(out io.Writer, all operator.Nodes) error {
	lines := [][]string{{"NODE", "NAME", "VERSION", "SINCE", "SEEN"}}
	for _, n := range all.Nodes {
		name := orDash(n.Name)
		if n.ID == all.Node {
			name += " *"
		}
		lines = append(lines, []string{n.ID.String(), name, orDash(n.Version), dash(n.Started), dash(n.Seen)})
	}
	return table(out, lines)
}

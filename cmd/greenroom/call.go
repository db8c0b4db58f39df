package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/spf13/cobra"

	"github.com/greenroom-live/greenroom/client"
	"github.com/greenroom-live/greenroom/internal/restapi"
)

// newCallCommand sends any command of the REST API with any body.
func newCallCommand() *cobra.Command {
	c := new(connection)
	cmd := &cobra.Command{
		Use:   "call SERVICE/COMMAND [JSON|@FILE|-]",
		Short: "Send any command of the REST API to a running server",
		Long: `Send any command of the REST API to a running server, as an App admin, and print the whole answer.

The body is a JSON object: the argument itself, the content of a file after @, or standard input for -. Without one {} is
sent. The answer is printed for people, or with --json as the server wrote it. When the server refuses the call the answer
is printed too, and the exit code is not 0.

Without --app and --key, the development app that "greenroom serve" keeps in its data folder is used.`,
		Example: `  greenroom call live_engine_http_srv/get_room_info '{"RoomId":"hello"}'
  greenroom call live_engine_http_srv/create_room @room.json
  echo '{}' | greenroom call live_config/get_callback - --json`,
		Args:              cobra.RangeArgs(1, 2),
		ValidArgsFunction: completeCommand,
		RunE: func(cmd *cobra.Command, args []string) error {
			body, err := readBody(cmd.InOrStdin(), args[1:])
			if err != nil {
				return err
			}
			return c.send(cmd, commandPath(args[0]), body)
		},
	}
	c.register(cmd.Flags())
	cmd.Flags().Lookup("json").Usage = "print the answer as the server wrote it"
	return cmd
}

// completeCommand offers the registry's commands for the first argument, and files for the second.
func completeCommand(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveDefault
	}
	all := restapi.Describe()
	words := make([]string, len(all))
	for i, d := range all {
		words[i] = cobra.CompletionWithDesc(d.Path, d.Does)
	}
	return words, cobra.ShellCompDirectiveNoFileComp
}

// commandPath takes a path as it stands in a URL too.
func commandPath(arg string) string {
	return strings.TrimPrefix(strings.TrimPrefix(arg, "/"), strings.TrimPrefix(restapi.Prefix, "/"))
}

// readBody returns the body that an argument gives.
func readBody(stdin io.Reader, args []string) (jsontext.Value, error) {
	body, from := []byte("{}"), "the body"
	var err error
	switch {
	case len(args) == 0:
	case args[0] == "-":
		from = "standard input"
		body, err = io.ReadAll(stdin)
	case strings.HasPrefix(args[0], "@"):
		from = args[0][1:]
		body, err = os.ReadFile(from)
	default:
		body = []byte(args[0])
	}
	if err != nil {
		return nil, err
	}
	v := jsontext.Value(body)
	if !v.IsValid() || v.Kind() != '{' {
		return nil, fmt.Errorf("%s is not a JSON object", from)
	}
	return v, nil
}

// send makes one call and prints its answer, also when it is a refusal.
func (c *connection) send(cmd *cobra.Command, command string, body jsontext.Value) error {
	api, recorder, err := c.connect(cmd.Flags())
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(cmd.Context(), c.timeout)
	defer cancel()
	err = api.Do(ctx, command, body, nil)
	var refused *client.Error
	if err != nil && !errors.As(err, &refused) {
		return c.explain(err)
	}
	answer := jsontext.Value(bytes.Join(recorder.answers(false), nil))
	if !c.json {
		if err := answer.Indent(jsontext.WithIndent("  ")); err != nil {
			return fmt.Errorf("the answer: %w", err)
		}
	}
	if _, err := fmt.Fprintf(cmd.OutOrStdout(), "%s\n", answer); err != nil {
		return err
	}
	if refused != nil {
		return c.explain(refused)
	}
	return nil
}

package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"path/filepath"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/internal/operator"
)

// operatorConnection is how the subcommands that call the operator API reach it. They need no key of the app.
type operatorConnection struct {
	*connection
	token     string
	tokenFile string // where the token was found; empty when it was given
}

func (c *operatorConnection) register(flags *pflag.FlagSet) {
	flags.StringVar(&c.token, "operator-token", "", "token of the operator API (GREENROOM_CLI_OPERATOR_TOKEN); "+
		"without it, the one that the server keeps in --data-dir")
}

// call does what run does with the operator API, and prints what run writes or, with --json, each answer on a line as the
// server wrote it. What run wrote before it failed is printed too: it has happened.
func (c *operatorConnection) call(cmd *cobra.Command,
	run func(ctx context.Context, api *operator.Client, app live.AppID, out io.Writer) error) error {
	if err := c.demandApp(cmd.Flags()); err != nil {
		return err
	}
	return c.callAll(cmd, func(ctx context.Context, api *operator.Client, out io.Writer) error {
		return run(ctx, api, live.AppID(c.app), out)
	})
}

// callAll is call for what is not about one app.
func (c *operatorConnection) callAll(cmd *cobra.Command,
	run func(ctx context.Context, api *operator.Client, out io.Writer) error) error {
	api, recorder, err := c.connectOperator(cmd.Flags())
	if err != nil {
		return err
	}
	var out bytes.Buffer
	err = c.explainOperator(run(cmd.Context(), api, &out))
	if c.json {
		out.Reset()
		out.Write(recorder.succeeded())
	}
	_, failed := out.WriteTo(cmd.OutOrStdout())
	return cmp.Or(failed, err)
}

// demandApp finds out which app it is about.
func (c *operatorConnection) demandApp(flags *pflag.FlagSet) error {
	if err := c.complete(flags); err != nil {
		return err
	}
	if c.app == 0 {
		return fmt.Errorf("which app? Give --app, or set GREENROOM_CLI_APP, or name with --data-dir a folder that keeps a "+
			"development app; %s keeps none", c.dataDir)
	}
	return nil
}

func (c *operatorConnection) connectOperator(flags *pflag.FlagSet) (*operator.Client, *operatorRecorder, error) {
	if err := c.reach(flags); err != nil {
		return nil, nil, err
	}
	if err := c.findToken(flags); err != nil {
		return nil, nil, err
	}
	transport, err := c.transport()
	if err != nil {
		return nil, nil, err
	}
	recorder := &operatorRecorder{http: transport, connection: c}
	return operator.NewClient(c.server, c.token, &http.Client{
		Transport: recorder, Timeout: c.timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}), recorder, nil
}

// findToken takes the token from the flag, the environment or the data folder.
func (c *operatorConnection) findToken(flags *pflag.FlagSet) error {
	if err := fromEnvironment(flags, "operator-token"); err != nil || c.token != "" {
		return err
	}
	token, err := operator.ReadToken(c.dataDir)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("the operator token is missing: give --operator-token, or set GREENROOM_CLI_OPERATOR_TOKEN, or name with "+
			"--data-dir the folder where the server keeps it; %s keeps none", c.dataDir)
	}
	c.token, c.tokenFile = token, filepath.Join(c.dataDir, operator.TokenFile)
	return err
}

// explainOperator puts a failed call into the words of somebody at a terminal.
func (c *operatorConnection) explainOperator(err error) error {
	var refused *operator.Error
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &refused):
		return c.explain(err)
	case refused.RequestID == "":
		return fmt.Errorf("%s: %s; does --server lead to Greenroom?", c.server, onLine(refused.Message))
	case refused.Code == operator.CodeUnauthorized && c.tokenFile != "":
		return fmt.Errorf("the server does not take the operator token of %s: another server may have made it, or operator.token of "+
			"the server's configuration holds instead; give --operator-token", c.tokenFile)
	case refused.Code == operator.CodeUnauthorized:
		return errors.New("the server does not take this operator token")
	case refused.Code == operator.CodeInternal:
		return fmt.Errorf("%s (%s)", onLine(refused.Message), onLine(refused.RequestID))
	}
	return errors.New(onLine(refused.Message))
}

// operatorRecorder keeps what the server answered when it did what it was asked for.
type operatorRecorder struct {
	http       http.RoundTripper
	connection *operatorConnection
	answers    []*recordedBody
}

// RoundTrip implements http.RoundTripper.
func (r *operatorRecorder) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := r.http.RoundTrip(req)
	if err != nil || resp.StatusCode != http.StatusOK || !r.connection.json {
		return resp, err
	}
	body := &recordedBody{ReadCloser: resp.Body}
	r.answers = append(r.answers, body)
	resp.Body = body
	return resp, nil
}

func (r *operatorRecorder) succeeded() []byte {
	var all []byte
	for _, body := range r.answers {
		all = append(append(all, bytes.TrimSpace(body.read)...), '\n')
	}
	return all
}

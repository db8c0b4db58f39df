package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/greenroom-live/greenroom/client"
	"github.com/greenroom-live/greenroom/internal/config"
	"github.com/greenroom-live/greenroom/internal/server"
)

const (
	defaultServer  = "http://127.0.0.1:8700"
	defaultAdmin   = "administrator"
	defaultDataDir = "./greenroom-data"
)

// identity says for which app a subcommand works, and with which key.
type identity struct {
	app     uint32
	key     string
	dataDir string
}

func (i *identity) register(flags *pflag.FlagSet) {
	flags.Uint32Var(&i.app, "app", 0, "SDKAppID of the app (GREENROOM_CLI_APP)")
	flags.StringVar(&i.key, "key", "", "secret key of the app (GREENROOM_CLI_KEY)")
	flags.StringVar(&i.dataDir, "data-dir", defaultDataDir,
		"folder of a server, whose development app is used without --app and --key")
}

// fromEnvironment gives those of the named flags that were not set the values of their GREENROOM_CLI_ variables.
func fromEnvironment(flags *pflag.FlagSet, names ...string) error {
	for _, name := range names {
		variable := "GREENROOM_CLI_" + strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
		value, flag := os.Getenv(variable), flags.Lookup(name)
		if value == "" || flag.Changed {
			continue
		}
		if err := flag.Value.Set(value); err != nil {
			if name == "key" {
				err = errors.New("not a key")
			}
			return fmt.Errorf("%s: %w", variable, err)
		}
	}
	return nil
}

// complete fills in what flags leave open: from the environment, and then from the development app in the data folder.
// Without that, app and key can still be missing afterwards.
func (i *identity) complete(flags *pflag.FlagSet) error {
	if err := fromEnvironment(flags, "app", "key"); err != nil {
		return err
	}
	if i.key != "" {
		return nil // a key says nothing of another app
	}
	kept, found, err := keptApp(i.dataDir)
	if err != nil {
		return err
	}
	if found && (i.app == 0 || i.app == kept.SDKAppID) {
		i.app, i.key = kept.SDKAppID, kept.SecretKey.Reveal()
	}
	return nil
}

// require is complete for subcommands that cannot do without an app and its key.
func (i *identity) require(flags *pflag.FlagSet) error {
	if err := i.complete(flags); err != nil {
		return err
	}
	switch {
	case i.app == 0 && i.key == "":
		return fmt.Errorf("which app? Give --app and --key, or set GREENROOM_CLI_APP and GREENROOM_CLI_KEY, "+
			"or name with --data-dir a folder that keeps a development app; %s keeps none", i.dataDir)
	case i.app == 0:
		return errors.New("the key is given but not its app: give --app too, or set GREENROOM_CLI_APP")
	case i.key == "":
		return fmt.Errorf("the key of app %d is missing: give --key, or set GREENROOM_CLI_KEY", i.app)
	}
	return nil
}

// keptApp returns the development app that a data folder keeps, if it does.
func keptApp(dir string) (app config.App, found bool, err error) {
	app, err = server.ReadDevelopmentApp(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return app, false, nil
	}
	return app, err == nil, err
}

// connection is how the subcommands that call the REST API reach it, and how they print what it answers.
type connection struct {
	identity
	server  string
	admin   string
	caFile  string
	timeout time.Duration
	json    bool
	pages   bool // --json prints the data of every answer, a line each
}

func (c *connection) register(flags *pflag.FlagSet) {
	c.identity.register(flags)
	flags.StringVar(&c.server, "server", defaultServer, "where the server is (GREENROOM_CLI_SERVER)")
	flags.StringVar(&c.admin, "admin", defaultAdmin, "App admin to call as (GREENROOM_CLI_ADMIN)")
	flags.StringVar(&c.caFile, "ca-file", "",
		"PEM file with certificates to trust beside the system's, for a server with a private CA (GREENROOM_CLI_CA_FILE)")
	flags.DurationVar(&c.timeout, "timeout", 10*time.Second, "how long to wait for the answer to a call")
	flags.BoolVar(&c.json, "json", false, "print the data of the answer as JSON, {} when it has none")
}

// given is a flag's value, or nil when the flag was not given.
func given[T any](cmd *cobra.Command, flag string, value T) *T {
	if !cmd.Flags().Changed(flag) {
		return nil
	}
	return &value
}

// call does what run does with the API, and prints what run writes or, with --json, the data of the last answer. What run
// writes is not printed when it fails, unless with [refusals].
func (c *connection) call(cmd *cobra.Command, run func(ctx context.Context, api *client.Client, out io.Writer) error) error {
	api, recorder, err := c.connect(cmd.Flags())
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(cmd.Context(), c.timeout)
	defer cancel()
	var out bytes.Buffer
	var partly *refusals
	err = run(ctx, api, &out)
	if err != nil && !errors.As(err, &partly) {
		return c.explain(err)
	}
	if c.json {
		out.Reset()
		for _, body := range recorder.answers(c.pages) {
			out.Write(response(body))
			out.WriteByte('\n')
		}
	}
	_, failed := out.WriteTo(cmd.OutOrStdout())
	return cmp.Or(failed, err)
}

// connect makes a client as the flags and the environment say, which hands every answer to the recorder.
func (c *connection) connect(flags *pflag.FlagSet) (*client.Client, *answerRecorder, error) {
	if err := c.require(flags); err != nil {
		return nil, nil, err
	}
	if err := c.reach(flags); err != nil {
		return nil, nil, err
	}
	transport, err := c.transport()
	if err != nil {
		return nil, nil, err
	}
	recorder := &answerRecorder{http: transport}
	api, err := client.New(c.server, client.WithApp(c.app, c.key, c.admin), client.WithHTTPClient(&http.Client{
		Transport:     recorder,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}))
	return api, recorder, err
}

// reach finds out where the server is.
func (c *connection) reach(flags *pflag.FlagSet) error {
	if c.timeout <= 0 {
		return fmt.Errorf("--timeout must be more than 0s, not %s", c.timeout)
	}
	if err := fromEnvironment(flags, "server", "admin", "ca-file"); err != nil {
		return err
	}
	if !strings.HasPrefix(c.server, "http://") && !strings.HasPrefix(c.server, "https://") {
		return fmt.Errorf("--server must begin with http:// or https://, unlike %q", c.server)
	}
	return nil
}

// transport trusts the system's certificates, and those of the CA file if there is one.
func (c *connection) transport() (http.RoundTripper, error) {
	if c.caFile == "" {
		return http.DefaultTransport, nil
	}
	pem, err := os.ReadFile(c.caFile)
	if err != nil {
		return nil, fmt.Errorf("--ca-file: %w", err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool() // a system without any
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("--ca-file: %s has no certificate in PEM form", c.caFile)
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	return transport, nil
}

// explain puts a failed call into the words of somebody at a terminal.
func (c *connection) explain(err error) error {
	var refused *client.Error
	var unreachable *net.OpError
	var unknownCA x509.UnknownAuthorityError
	switch {
	case errors.As(err, &refused):
		return fmt.Errorf("%d: %s (RequestId %s)", refused.Code, onLine(refused.Info), onLine(refused.RequestID))
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("%s did not answer within %s; the change may have happened all the same", c.server, c.timeout)
	case errors.As(err, &unknownCA):
		return fmt.Errorf("%s has a certificate that nobody known vouches for; when it is of a CA of your own, name that with --ca-file",
			c.server)
	case errors.As(err, &unreachable) && unreachable.Op == "dial":
		return fmt.Errorf("%s cannot be reached (%w); is the server running? `greenroom serve` runs one", c.server, unreachable.Err)
	}
	return err
}

// answerRecorder keeps the bodies of the answers, so that --json can print what the server really said.
type answerRecorder struct {
	http   http.RoundTripper
	bodies []*recordedBody
}

// RoundTrip implements http.RoundTripper.
func (r *answerRecorder) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := r.http.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	body := &recordedBody{ReadCloser: resp.Body}
	r.bodies = append(r.bodies, body)
	resp.Body = body
	return resp, nil
}

// answers returns the last body, or all of them.
func (r *answerRecorder) answers(all bool) [][]byte {
	var answers [][]byte
	for i, body := range r.bodies {
		if all || i == len(r.bodies)-1 {
			answers = append(answers, body.read)
		}
	}
	return answers
}

// recordedBody is an answer's body that keeps what was read of it.
type recordedBody struct {
	io.ReadCloser
	read []byte
}

func (b *recordedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.read = append(b.read, p[:n]...)
	return n, err
}

// response returns the data of an answer: its Response, or what it has beside the envelope's own fields.
func response(body []byte) []byte {
	var answer map[string]jsontext.Value
	if err := json.Unmarshal(body, &answer); err != nil {
		return []byte("{}")
	}
	if response, ok := answer["Response"]; ok {
		return response
	}
	for _, own := range []string{"ActionStatus", "ErrorCode", "ErrorInfo", "ErrorDisplay", "RequestId"} {
		delete(answer, own)
	}
	data, err := json.Marshal(answer, json.Deterministic(true))
	if err != nil {
		return []byte("{}")
	}
	return data
}

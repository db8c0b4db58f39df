package main

import (
	"errors"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/spf13/cobra"

	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/usersig"
)

// maxSigExpire is the longest that the contract lets a UserSig be valid (doc 69883).
const maxSigExpire = 50 * 365 * 24 * time.Hour

// newUserSigCommand makes a UserSig; its subcommand explains one.
func newUserSigCommand() *cobra.Command {
	var app identity
	var user string
	var expire time.Duration
	cmd := &cobra.Command{
		Use:   "usersig",
		Short: "Make a UserSig, the token with which a user logs in and an App admin calls the REST API",
		Long: `Make a UserSig, the token with which a user logs in and an App admin calls the REST API, and print it alone.

No server is needed: whoever has the app's key can make one. Keep the key out of the list of processes with the
environment variable GREENROOM_CLI_KEY.`,
		Example: `  greenroom usersig --user alice
  greenroom usersig --app 1400000123 --key "$KEY" --user administrator --expire 1440h
  greenroom usersig inspect "$TOKEN"`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := app.require(cmd.Flags()); err != nil {
				return err
			}
			if !live.ValidUserID(user) {
				return errors.New("--user must be a UserID of 1 to 32 bytes of printable ASCII")
			}
			if expire < time.Second || expire > maxSigExpire {
				return fmt.Errorf("--expire must be 1s to %s (50 years), not %s", maxSigExpire, expire)
			}
			_, err := fmt.Fprintln(cmd.OutOrStdout(), usersig.New(app.app, app.key, user, time.Now(), expire))
			return err
		},
	}
	app.register(cmd.Flags())
	cmd.Flags().StringVar(&user, "user", "", "UserID that the token is for")
	cmd.Flags().DurationVar(&expire, "expire", 24*time.Hour, "how long the token is valid, from now on")
	_ = cmd.MarkFlagRequired("user")
	cmd.AddCommand(newUserSigInspectCommand())
	return cmd
}

func newUserSigInspectCommand() *cobra.Command {
	var app identity
	var user string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "inspect TOKEN",
		Short: "Explain what a UserSig says and whether it would be accepted",
		Long: `Explain what a UserSig says and whether it would be accepted: for which app and user it is, when it was issued, until
when it is valid and, when the key is known, whether the key signed it.

What is given with --app, --key and --user is checked. Without a key, that of the development app in the data folder is
tried if the token is for that app. Exits with 1 when a server would refuse the token, and says why with its code.`,
		Example: `  greenroom usersig inspect "$TOKEN"
  greenroom usersig inspect "$TOKEN" --app 1400000123 --key "$KEY" --user alice --json`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			e, err := inspectSig(cmd, args[0], &app, user)
			if err != nil {
				return err
			}
			if err := e.write(cmd.OutOrStdout(), asJSON); err != nil {
				return err
			}
			return e.refusal
		},
	}
	app.register(cmd.Flags())
	cmd.Flags().StringVar(&user, "user", "", "UserID that the token should be for")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return cmd
}

// sigExplanation is what there is to say of a UserSig. The key is "right", "wrong" or "unknown".
type sigExplanation struct {
	SDKAppID  uint32 `json:"sdkAppId"`
	User      string `json:"user"`
	IssuedAt  string `json:"issuedAt"`
	Expire    int64  `json:"expire"` // seconds
	ExpiresAt string `json:"expiresAt"`
	Expired   bool   `json:"expired"`
	Key       string `json:"key"`
	Code      int    `json:"code"` // with which a server refuses the token; 0: it does not

	refusal error
	left    time.Duration
}

func inspectSig(cmd *cobra.Command, token string, app *identity, user string) (sigExplanation, error) {
	sig, err := usersig.Parse(token)
	if err != nil {
		return sigExplanation{}, fmt.Errorf("%d: %w", usersig.Code(err), err)
	}
	if err := fromEnvironment(cmd.Flags(), "app", "key"); err != nil {
		return sigExplanation{}, err
	}
	if app.key == "" {
		// A folder that cannot be read only leaves the key unknown.
		if kept, found, err := keptApp(app.dataDir); err == nil && found && kept.SDKAppID == sig.App {
			app.key = kept.SecretKey.Reveal()
		}
	}
	now := time.Now()
	expires := sig.IssuedAt.Add(sig.Expire)
	e := sigExplanation{
		SDKAppID: sig.App, User: sig.User, IssuedAt: sig.IssuedAt.Format(time.RFC3339),
		Expire: int64(sig.Expire / time.Second), ExpiresAt: expires.Format(time.RFC3339),
		Expired: sig.ExpiredAt(now), Key: fit(sig, app.key), left: expires.Sub(now),
	}
	if reason := refuseSig(sig, *app, user, now); reason != nil {
		e.Code = usersig.Code(reason)
		e.refusal = fmt.Errorf("a server would refuse the token with %d: %w", e.Code, reason)
	}
	return e, nil
}

func fit(sig *usersig.Sig, key string) string {
	switch {
	case key == "":
		return "unknown"
	case sig.SignedBy(key):
		return "right"
	}
	return "wrong"
}

// refuseSig judges in the order of usersig.Verify, but leaves out what the caller did not tell.
func refuseSig(sig *usersig.Sig, app identity, user string, now time.Time) error {
	switch {
	case sig.UserBuf != nil:
		return usersig.ErrUserBuf
	case app.app != 0 && app.app != sig.App:
		return usersig.ErrApp
	case user != "" && user != sig.User:
		return usersig.ErrUser
	case app.key != "" && !sig.SignedBy(app.key):
		return usersig.ErrSignature
	case sig.ExpiredAt(now):
		return usersig.ErrExpired
	}
	return nil
}

func (e sigExplanation) write(w io.Writer, asJSON bool) error {
	if asJSON {
		if err := json.MarshalWrite(w, e); err != nil {
			return err
		}
		_, err := fmt.Fprintln(w)
		return err
	}
	key := map[string]string{
		"right": "it signed the token", "wrong": "it did not sign the token", "unknown": "not checked; --key gives it",
	}[e.Key]
	remaining := fmt.Sprintf("in %s", e.left.Round(time.Second))
	if e.Expired {
		remaining = fmt.Sprintf("%s ago", (-e.left).Round(time.Second))
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "SDKAppID\t%d\n", e.SDKAppID)
	fmt.Fprintf(table, "UserID\t%s\n", onLine(e.User))
	fmt.Fprintf(table, "issued\t%s\n", e.IssuedAt)
	fmt.Fprintf(table, "expires\t%s, %s\n", e.ExpiresAt, remaining)
	fmt.Fprintf(table, "key\t%s\n", key)
	return table.Flush()
}

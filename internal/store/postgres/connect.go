package postgres

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// parseURL reads a database's URL. The error says what is wrong with its parameters, such as a file that is not there, and
// never shows the URL or its password.
func parseURL(text string) (*pgx.ConnConfig, error) {
	config, err := pgx.ParseConfig(text)
	if err == nil {
		return config, nil
	}
	unread := errors.New("the database's URL cannot be read")
	u, notURL := url.Parse(text)
	why := errors.Unwrap(err) // the error itself has the URL in it
	if notURL != nil || why == nil {
		return nil, unread
	}
	said := why.Error()
	for _, secret := range secretsIn(u) {
		if strings.Contains(said, secret) {
			return nil, unread
		}
	}
	return nil, fmt.Errorf("%w: %s", unread, said)
}

// secretsIn are the passwords in a database's URL.
func secretsIn(u *url.URL) (secrets []string) {
	if u.User != nil {
		if password, _ := u.User.Password(); password != "" {
			secrets = append(secrets, password)
		}
	}
	for _, name := range []string{"password", "sslpassword"} {
		for _, value := range u.Query()[name] {
			if value != "" {
				secrets = append(secrets, value)
			}
		}
	}
	return secrets
}

// unconnectedError is a connection that failed, in one line. What was tried for the same reason, as at each address of a host and
// with and without TLS, is said once.
type unconnectedError struct{ err error }

func (e *unconnectedError) Error() string {
	var said []string
	for line := range strings.SplitSeq(e.err.Error(), "\n") {
		line = strings.TrimSpace(line)
		if line != "" && !strings.Contains(strings.Join(said, "\n"), line) {
			said = append(said, line)
		}
	}
	if len(said) < 2 {
		return strings.Join(said, "")
	}
	return said[0] + " " + strings.Join(said[1:], "; ")
}

func (e *unconnectedError) Unwrap() error { return e.err }

// inOneLine makes one line of the error of a connection that failed, and leaves others as they are.
func inOneLine(err error) error {
	var failed *pgconn.ConnectError
	if errors.As(err, &failed) {
		return &unconnectedError{err}
	}
	return err
}

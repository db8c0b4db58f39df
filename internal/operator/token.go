package operator

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

const (
	// TokenFile is where the operator token is kept in the data folder when none is configured.
	TokenFile = "operator-token"
	minToken  = 16
)

// Token returns the token that a data folder keeps: it is made at first, and stays the same from then on. Only the owner
// of the file can read it.
func Token(dir string) (string, error) {
	token, err := ReadToken(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return makeToken(dir)
	}
	if err != nil {
		return "", err
	}
	if err := os.Chmod(filepath.Join(dir, TokenFile), 0o600); err != nil {
		return "", fmt.Errorf("keep the operator token from others: %w", err)
	}
	return token, nil
}

// ReadToken returns the token that [Token] has made; fs.ErrNotExist when it has not.
func ReadToken(dir string) (string, error) {
	path := filepath.Join(dir, TokenFile)
	text, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("read the operator token: %w", err)
	}
	token := strings.TrimSpace(string(text))
	if len(token) < minToken || strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return "", fmt.Errorf("%s holds no operator token: it must have at least %d characters of printable ASCII without blanks; "+
			"without the file a new one is made", path, minToken)
	}
	return token, nil
}

// makeToken writes a new token beside its place first, so that a crash leaves a whole one or none.
func makeToken(dir string) (token string, err error) {
	token = rand.Text() + rand.Text()
	f, err := os.CreateTemp(dir, TokenFile+"-*") // readable by its owner only
	if err != nil {
		return "", fmt.Errorf("make the operator token: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("make the operator token: %w", err), os.Remove(f.Name()))
		}
	}()
	_, err = f.WriteString(token + "\n")
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return "", err
	}
	return token, os.Rename(f.Name(), filepath.Join(dir, TokenFile))
}

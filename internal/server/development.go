package server

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/greenroom-live/greenroom/internal/config"
	"github.com/greenroom-live/greenroom/internal/store/sqlite"
)

const (
	// DevelopmentAppID is the SDKAppID of the app that a server makes for itself when nobody configured one.
	DevelopmentAppID = 1400000001
	developmentFile  = "development-app.yaml"
)

// ErrNoApps says that no app is configured and that the data folder is not new.
var ErrNoApps = errors.New("no app is configured, and the data folder was used with configured apps before: " +
	"name them under apps in the configuration, or choose another data_dir")

// development is what is kept of the development app.
type development struct {
	SDKAppID  uint32 `yaml:"sdk_app_id"`
	SecretKey string `yaml:"secret_key"`
}

// DevelopmentApp returns the app of a data folder that was started without configured apps: it is made, with a random
// key, when the folder is new, and stays the same from then on. It allows private webhook addresses.
func DevelopmentApp(dir string) (config.App, error) {
	app, err := ReadDevelopmentApp(dir)
	if !errors.Is(err, fs.ErrNotExist) {
		return app, err
	}
	d, err := makeDevelopment(dir)
	return d.app(), err
}

// ReadDevelopmentApp returns the app that [DevelopmentApp] has made; fs.ErrNotExist when it has not.
func ReadDevelopmentApp(dir string) (config.App, error) {
	d, err := readDevelopment(filepath.Join(dir, developmentFile))
	return d.app(), err
}

func (d development) app() config.App {
	app := config.DefaultApp()
	app.SDKAppID, app.SecretKey = d.SDKAppID, config.Secret(d.SecretKey)
	app.Webhook.AllowPrivateAddresses = true
	return app
}

func readDevelopment(path string) (development, error) {
	var d development
	text, err := os.ReadFile(path)
	if err != nil {
		return d, fmt.Errorf("read development app: %w", err)
	}
	if err := yaml.Unmarshal(text, &d); err != nil {
		return d, fmt.Errorf("read development app %s: %w", path, err)
	}
	if d.SDKAppID == 0 || d.SecretKey == "" {
		return d, fmt.Errorf("%s has no sdk_app_id or no secret_key", path)
	}
	return d, nil
}

func makeDevelopment(dir string) (development, error) {
	if _, err := os.Stat(filepath.Join(dir, sqlite.FileName)); err == nil {
		return development{}, ErrNoApps
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return development{}, fmt.Errorf("make data folder: %w", err)
	}
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails
	d := development{DevelopmentAppID, hex.EncodeToString(key)}
	text, err := yaml.Marshal(d)
	if err != nil {
		return d, err
	}
	var comment strings.Builder
	comment.WriteString("# The app that Greenroom made for development, because none was configured.\n")
	comment.Write(text)
	if err := os.WriteFile(filepath.Join(dir, developmentFile), []byte(comment.String()), 0o600); err != nil {
		return d, fmt.Errorf("keep development app: %w", err)
	}
	return d, nil
}

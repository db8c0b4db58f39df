//go:build unix

package sqlite

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// lockFolder makes the data folder this process's own until unlock is called or the process ends.
func lockFolder(dir string) (unlock func() error, err error) {
	path := filepath.Join(dir, "greenroom.lock")
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock data folder: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		return nil, fmt.Errorf("data folder %s is in use by another greenroom: %w", dir, err)
	}
	return f.Close, nil
}

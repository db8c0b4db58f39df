package delivery

import (
	"io"
	"log/slog"
	"strings"
)

// StandardLog returns what the process has to set as the output of the standard library's log: net/http writes there, and
// nowhere else, that a connection to an app server misbehaves while nothing is asked, and cites what came. It goes to log
// at level debug, without what is cited, which may be what was sent before.
func StandardLog(log *slog.Logger) io.Writer { return standardLog{log} }

type standardLog struct{ log *slog.Logger }

func (l standardLog) Write(line []byte) (int, error) {
	l.log.Debug("net/http: " + bounded(strings.TrimSpace(string(line))))
	return len(line), nil
}

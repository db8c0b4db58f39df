package observe

import (
	"io"
	"log/slog"
)

// NewLog returns a logger that writes records of at least level to w, as text or, when format is "json", as JSON.
func NewLog(w io.Writer, level slog.Level, format string) *slog.Logger {
	opts := &slog.HandlerOptions{Level: level}
	if format == "json" {
		return slog.New(slog.NewJSONHandler(w, opts))
	}
	return slog.New(slog.NewTextHandler(w, opts))
}

package operator

import (
	"context"

	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/webhook"
)

// Delivery is what the API asks of the part that sends.
type Delivery interface {
	// Breaker says how the circuit breaker of app's server stands: closed, open or half-open.
	Breaker(app live.AppID) string
	// Test sends a sample of command to url, or to the app's own when that is empty.
	Test(ctx context.Context, app live.AppID, command webhook.Command, url string) (delivery.Trial, error)
}

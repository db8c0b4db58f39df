package operator

import (
	"context"

	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/webhook"
)

// Delivery is what the API asks of the part that sends: a [delivery.Deliverer].
type Delivery interface {
	Status(app live.AppID) (delivery.Status, bool)
	Test(ctx context.Context, app live.AppID, command webhook.Command, url string) (delivery.Trial, error)
}

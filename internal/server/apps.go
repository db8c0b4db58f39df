package server

import (
	"cmp"
	"fmt"

	"github.com/greenroom-live/greenroom/internal/config"
	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/internal/restapi"
	"github.com/greenroom-live/greenroom/webhook"
)

func liveApps(c *config.Config) []*live.App {
	apps := make([]*live.App, len(c.Apps))
	for i, a := range c.Apps {
		app := &live.App{
			ID: live.AppID(a.SDKAppID), SecretKey: a.SecretKey.Reveal(), RequireImportedAccounts: a.RequireImportedAccounts,
			MaxRooms: a.MaxRooms, Lifetime: live.Lifetime(a.Lifetime),
			RefuseUnanswered: a.Webhook.MessageOnNoAnswer == "refuse",
		}
		for _, admin := range a.Admins {
			app.Admins = append(app.Admins, live.UserID(admin))
		}
		apps[i] = app
	}
	return apps
}

func deliveryApps(c *config.Config) ([]delivery.App, error) {
	apps := make([]delivery.App, len(c.Apps))
	for i, a := range c.Apps {
		secrets, err := secrets(a)
		if err != nil {
			return nil, err
		}
		w := a.Webhook
		apps[i] = delivery.App{
			ID: live.AppID(a.SDKAppID), Concurrency: cmp.Or(w.Concurrency, c.Delivery.Concurrency), Secrets: secrets,
			AllowPrivateAddresses: w.AllowPrivateAddresses, AllowNetworks: w.AllowNetworks,
			DocumentedDelQuery: w.DelMetadataQueryCommand == "documented",
			Retry: delivery.Policy{
				Timeout: w.Timeout, Window: w.RetryWindow, FirstDelay: w.RetryFirstDelay, MaxDelay: w.RetryMaxDelay,
				Factor: w.RetryFactor, PoisonAttempts: w.PoisonAttempts, RetryOnFail: w.RetryOnFail,
				AnswerKept: c.DeliveryLog.AnswerBytes,
			},
		}
		if err := reach(&apps[i], w); err != nil {
			return nil, err
		}
	}
	return apps, nil
}

// secrets returns what signs an app's webhooks: the configured secrets, or the app's own key when there are none.
func secrets(a config.App) ([]webhook.Secret, error) {
	if len(a.Webhook.SigningSecrets) == 0 {
		return []webhook.Secret{webhook.SecretFromKey(a.SecretKey.Reveal())}, nil
	}
	var secrets []webhook.Secret
	for _, text := range a.Webhook.SigningSecrets {
		secret, err := webhook.ParseSecret(text.Reveal())
		if err != nil {
			return nil, fmt.Errorf("signing_secrets of app %d: %w", a.SDKAppID, err)
		}
		secrets = append(secrets, secret)
	}
	return secrets, nil
}

func limits(c *config.Config) live.Limits {
	return live.Limits{
		MaxMembers: c.Limits.MaxMembers, MaxSeats: c.Limits.MaxSeats, MaxAdmins: c.Limits.MaxAdmins, MaxRobots: c.Limits.MaxRobots,
		MaxCategories: c.Limits.MaxCategories, UserSigCache: c.Limits.UserSigCache,
		MaxBattleRooms: c.Limits.MaxBattleRooms, MaxBattleDuration: c.Limits.MaxBattleDuration,
		MaxGifts: c.Limits.MaxGifts, MaxGiftCategories: c.Limits.MaxGiftCategories,
		MessagesPerSecond:   c.Limits.RoomMessagesPerSecond,
		CreateOncePerSecond: c.Limits.Frequency.Contract(),
	}
}

func frequency(f config.Frequency) restapi.Frequency {
	out := restapi.Frequency{Contract: f.Contract(), PerSecond: make(map[string]int)}
	for _, command := range f.Commands() {
		out.PerSecond[command], _ = f.Rate(command)
	}
	return out
}

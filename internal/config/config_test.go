package config

import (
	"net/netip"
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestEveryDefaultIsValid(t *testing.T) {
	var c Config
	require.Empty(t, fill(&c, configKeys, defaults(configKeys)))
	require.Equal(t, Default(), &c)
	require.NoError(t, Default().Validate())

	app := DefaultApp()
	require.Equal(t, "apps[0].sdk_app_id: is required\napps[0].secret_key: is required",
		(&Config{Listen: ":0", DataDir: ".", Log: c.Log, HTTP: c.HTTP, Limits: c.Limits, Client: c.Client, Store: c.Store, Delivery: c.Delivery,
			DeliveryLog: c.DeliveryLog, Database: c.Database, Cluster: c.Cluster, Apps: []App{app}}).Validate().Error(),
		"only what has no default is missing")
}

func TestEveryBoundCanBeReadAndHoldsItsDefault(t *testing.T) {
	for _, k := range append(leaves(configKeys), leaves(appKeys)...) {
		require.NotEmpty(t, k.doc, k.path)
		if k.min == "" && k.max == "" {
			continue
		}
		for _, bound := range []string{k.min, k.max} {
			_, err := scalars[k.typ].read(bound)
			require.NoError(t, err, "%s: %q", k.path, bound)
		}
		if !k.required() {
			value, err := scalars[k.typ].read(k.fallback)
			require.NoError(t, err)
			require.True(t, inBounds(reflect.ValueOf(value), k), k.path)
		}
	}
}

func TestVariablesAndFlagsAreDistinct(t *testing.T) {
	variables, flags := map[string]string{}, map[string]string{}
	for _, k := range leaves(configKeys) {
		require.Empty(t, variables[k.variable()], k.path)
		require.Empty(t, flags[k.flag()], k.path)
		require.NotContains(t, k.variable(), envCLIPrefix)
		variables[k.variable()], flags[k.flag()] = k.path, k.path
	}
}

func TestDefaults(t *testing.T) {
	c := Default()
	require.Equal(t, "127.0.0.1:8700", c.Listen)
	require.Equal(t, "./greenroom-data", c.DataDir)
	require.False(t, c.TLS.Enabled())
	require.Empty(t, c.TrustedProxies)
	require.Equal(t, Log{Level: "info", Format: "text"}, c.Log)
	require.Equal(t, HTTP{
		ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 15 * time.Second, WriteTimeout: 15 * time.Second,
		IdleTimeout: 2 * time.Minute, RequestTimeout: 3 * time.Second, MaxBodyBytes: 1 << 20, MaxHeaderBytes: 64 << 10,
		ShutdownTimeout: 15 * time.Second,
	}, c.HTTP)
	require.Equal(t, Limits{
		MaxMembers: 100_000, MaxSeats: 16, MaxAdmins: 5, MaxCategories: 3, UserSigCache: 100_000, MaxRobots: 100,
		MaxBattleRooms: 9, MaxBattleDuration: 5 * time.Minute, MaxGifts: 1000, MaxGiftCategories: 10, RoomMessagesPerSecond: 40,
	}, c.Limits)
	require.Equal(t, Client{OfflineAfter: 90 * time.Second, PingInterval: 25 * time.Second, MaxMessageBytes: 64 << 10}, c.Client)
	require.Equal(t, Store{MaxBatch: 128, CacheMiB: 64}, c.Store)
	require.Equal(t, Delivery{Concurrency: 64, LaneWindow: 64, ShutdownGrace: 5 * time.Second}, c.Delivery)
	require.Equal(t, DeliveryLog{Keep: 72 * time.Hour, MaxMiB: 1024, AnswerBytes: 1024}, c.DeliveryLog)
	require.Equal(t, Operator{Networks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}}, c.Operator)
	require.Empty(t, c.Apps)
	require.Equal(t, App{Admins: []string{"administrator"}, Lifetime: Lifetime{Empty: 30 * time.Minute, OwnerOffline: 10 * time.Minute}, Webhook: Webhook{
		Timeout: 2 * time.Second, RetryWindow: 24 * time.Hour, RetryFirstDelay: time.Second, RetryMaxDelay: 10 * time.Minute,
		RetryFactor: 2, PoisonAttempts: 10,
		DelMetadataQueryCommand: "canonical", MessageOnNoAnswer: "deliver",
	}}, DefaultApp())
}

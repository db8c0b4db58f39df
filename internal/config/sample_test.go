package config

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheSampleSaysTheDefaults(t *testing.T) {
	file := writeFile(t, string(Sample()))
	require.NoError(t, CheckFile(file))

	c, _, err := Load(Options{File: file})
	require.NoError(t, err)
	require.Equal(t, Default(), c)

	d := readFileText(file, Sample())
	for _, k := range leaves(configKeys) {
		require.Contains(t, d.values, k.path, "the sample has every key")
	}
}

func TestTheAppOfTheSampleOnlyLacksASecretKey(t *testing.T) {
	before, app, found := strings.Cut(string(Sample()), "apps: []\n")
	require.True(t, found)
	_, app, found = strings.Cut(app, "#\n")
	require.True(t, found)
	var uncommented strings.Builder
	for line := range strings.Lines(app) {
		uncommented.WriteString(strings.TrimPrefix(line, "# "))
	}

	file := writeFile(t, before+uncommented.String())
	err := CheckFile(file)
	require.ErrorContains(t, err, "apps[0].secret_key: is still the text of the sample, which everybody knows")
	require.Len(t, err, 1)

	c, _, err := Load(Options{File: writeFile(t, before+strings.Replace(uncommented.String(), sampleSecretKey, "mine-alone", 1))})
	require.NoError(t, err)
	want := DefaultApp()
	want.SDKAppID, want.SecretKey = 1400000123, "mine-alone"
	require.Equal(t, []App{want}, c.Apps)

	d := readFileText(file, []byte(before+uncommented.String()))
	for _, k := range leaves(appKeys) {
		require.Contains(t, d.values["apps"].([]any)[0], k.path, "the sample has every key of an app")
	}
}

func TestTheSampleIsNarrow(t *testing.T) {
	for line := range strings.Lines(string(Sample())) {
		require.LessOrEqual(t, len(strings.TrimSpace(line)), sampleWidth+2, line)
	}
}

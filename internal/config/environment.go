package config

import (
	"fmt"
	"strings"
)

const (
	envPrefix    = "GREENROOM_"
	envCLIPrefix = envPrefix + "CLI_" // belongs to the command line client
)

// variables are the keys by the name of their environment variable, and the names in the order of the keys.
func variables() (byName map[string]key, names []string) {
	byName = map[string]key{}
	for _, k := range leaves(configKeys) {
		byName[k.variable()] = k
		names = append(names, k.variable())
	}
	return byName, names
}

// unknownVariable words the warning about a variable that has our prefix but sets nothing. It is no mistake: Kubernetes
// gives every pod GREENROOM_PORT and more when a service is called greenroom.
func unknownVariable(name string, names []string) string {
	if i := nearest(strings.TrimPrefix(name, envPrefix), withoutPrefix(names)); i >= 0 {
		return fmt.Sprintf("the environment variable %s sets nothing; did you mean %s?", name, names[i])
	}
	return fmt.Sprintf("the environment variable %s sets nothing", name)
}

func withoutPrefix(names []string) []string {
	short := make([]string, len(names))
	for i, name := range names {
		short[i] = strings.TrimPrefix(name, envPrefix)
	}
	return short
}

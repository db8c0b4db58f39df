package deploy

import (
	"net/netip"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestTheImageIsOfTheBinaryAlone(t *testing.T) {
	text := read(t, "Dockerfile")
	_, final, found := strings.Cut(text, "\nFROM scratch\n")
	require.True(t, found)
	require.NotContains(t, final, "RUN ", "there is nothing in it that could run")
	require.Regexp(t, `(?m)^USER [1-9]\d*:[1-9]\d*$`, final)
	require.Contains(t, text, "-X main.version=${VERSION}")
	require.Contains(t, text, "CGO_ENABLED=0")
	require.Contains(t, final, `CMD ["/greenroom", "health"]`)
	version := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindStringSubmatch(read(t, "../go.mod"))[1]
	require.Contains(t, text, "FROM golang:"+version+"-")
	c := load(t, "", with(imageEnvironment(t), secrets))
	require.Equal(t, ":"+all(`(?m)^EXPOSE (\d+)$`, final)[0], c.Listen)
	require.Equal(t, all(`(?m)^VOLUME (\S+)$`, final)[0], c.DataDir)
}

// TestTheImageHasWhatItIsBuiltFrom is about what .dockerignore leaves out.
func TestTheImageHasWhatItIsBuiltFrom(t *testing.T) {
	ignored := read(t, "../.dockerignore")
	for _, needed := range []string{"cmd", "internal", "webhook", "usersig", "client", "go.mod", "docs", "docs/api"} {
		require.NotRegexp(t, `(?m)^`+needed+`/?$`, ignored)
	}
	require.NotRegexp(t, `(?m)^docs/api|\*\.(json|html|sql|gohtml)$`, ignored, "these are embedded")
}

type composition struct {
	Services map[string]struct {
		Image       string
		Hostname    string
		Environment map[string]string
		DependsOn   map[string]struct{ Condition string } `yaml:"depends_on"`
		Volumes     []string
		Networks    []string
		Ports       []string
		Grace       string `yaml:"stop_grace_period"`
	}
	Networks map[string]struct {
		Internal bool
		IPAM     struct {
			Config []struct{ Subnet string }
		} `yaml:"ipam"`
	}
	Volumes map[string]any
}

// composeFile is compose.yaml with the values of .env.example in it.
func composeFile(t *testing.T) composition {
	t.Helper()
	values := map[string]string{}
	for _, line := range all(`(?m)^(\w+=.*)$`, read(t, ".env.example")) {
		name, value, _ := strings.Cut(line, "=")
		values[name] = value
	}
	text := regexp.MustCompile(`\$\{(\w+)[^}]*\}`).ReplaceAllStringFunc(read(t, "compose.yaml"), func(variable string) string {
		name := regexp.MustCompile(`\w+`).FindString(variable)
		value, known := values[name]
		require.True(t, known, "%s is not in .env.example", name)
		return value
	})
	return parse[composition](t, text)
}

func TestComposeRunsNodesThatFindEachOther(t *testing.T) {
	compose := composeFile(t)
	upstream := all(`(?m)^\s+server (\S+) max_fails`, read(t, "nginx.conf"))
	require.Len(t, upstream, 2)
	for _, address := range upstream {
		name, port, _ := strings.Cut(address, ":")
		node, known := compose.Services[name]
		require.True(t, known, name)
		require.Equal(t, name, node.Hostname)
		environment := with(imageEnvironment(t), node.Environment)
		c := load(t, "", environment)
		require.Equal(t, ":"+port, c.Listen)
		require.True(t, c.Shared())
		require.NotEmpty(t, c.RedisURL)
		require.Len(t, c.Apps, 1)
		require.Equal(t, []netip.Prefix{netip.MustParsePrefix(compose.Networks["outside"].IPAM.Config[0].Subnet)}, c.TrustedProxies)
		require.Equal(t, c.Operator.Token.Reveal(), environment["GREENROOM_CLI_OPERATOR_TOKEN"])
		grace, err := time.ParseDuration(node.Grace)
		require.NoError(t, err)
		require.Greater(t, grace, stopping(c))
		quiet, err := time.ParseDuration(all(`proxy_read_timeout (\S+);`, read(t, "nginx.conf"))[0])
		require.NoError(t, err)
		require.Greater(t, quiet, 2*c.Client.PingInterval)
		require.Contains(t, c.DatabaseURL.Reveal(), "@postgres:5432/")
		require.Contains(t, c.RedisURL.Reveal(), "@redis:6379/")
	}
	require.True(t, compose.Networks["inside"].Internal)
	for name, service := range compose.Services {
		for other, on := range service.DependsOn {
			require.Contains(t, compose.Services, other)
			require.Equal(t, "service_healthy", on.Condition)
		}
		for _, network := range service.Networks {
			require.Contains(t, compose.Networks, network)
		}
		for _, volume := range service.Volumes {
			if source, _, _ := strings.Cut(volume, ":"); !strings.HasPrefix(source, ".") {
				require.Contains(t, compose.Volumes, source)
			} else {
				require.NotEmpty(t, read(t, source))
			}
		}
		require.Equal(t, name == "proxy", len(service.Ports) > 0, "nobody but the proxy is reached from outside")
	}
	require.Equal(t, []string{"127.0.0.1:8700:" + all(`(?m)^\s+listen (\d+);`, read(t, "nginx.conf"))[0]}, compose.Services["proxy"].Ports)
}

func TestNginxPassesOnWhoCallsAndWebSockets(t *testing.T) {
	text := read(t, "nginx.conf")
	for _, header := range []string{
		"X-Forwarded-For $remote_addr;", "Upgrade $http_upgrade;", "Connection $connection_upgrade;", "Host $host;",
	} {
		require.Contains(t, text, "proxy_set_header "+header)
	}
	require.NotContains(t, text, "non_idempotent", "a call must not be made twice")
	require.Equal(t, strings.Count(text, "{"), strings.Count(text, "}"))
}

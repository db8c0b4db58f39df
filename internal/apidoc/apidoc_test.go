package apidoc_test

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/apidoc"
	"github.com/greenroom-live/greenroom/webhook"
)

var update = flag.Bool("update", false, "write docs/api anew")

const (
	repository = "../.."
	folder     = "../../docs/api"
)

// build makes the reference of the code as it is.
func build(t *testing.T) *apidoc.Reference {
	t.Helper()
	recorded, err := os.ReadFile(filepath.Join(folder, "examples.json"))
	require.NoError(t, err)
	var examples []apidoc.Example
	require.NoError(t, json.Unmarshal(recorded, &examples))
	ref, err := apidoc.Build(os.DirFS(repository), examples)
	require.NoError(t, err)
	return ref
}

// files are the reference's files by name.
func files(t *testing.T) map[string][]byte {
	t.Helper()
	ref := build(t)
	all := ref.Markdown()
	var err error
	all["openapi.json"], err = ref.OpenAPI()
	require.NoError(t, err)
	all["index.html"], err = ref.HTML()
	require.NoError(t, err)
	return all
}

// kept are the files of docs/api that are not made from the reference.
var kept = []string{"api.go", "examples.json"}

func TestReferenceIsUpToDate(t *testing.T) {
	all := files(t)
	if *update {
		pages, err := filepath.Glob(filepath.Join(folder, "*.md"))
		require.NoError(t, err)
		for _, page := range pages {
			require.NoError(t, os.Remove(page))
		}
		for name, text := range all {
			require.NoError(t, os.WriteFile(filepath.Join(folder, name), text, 0o644))
		}
	}
	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	names := append([]string(nil), kept...)
	for name, text := range all {
		written, err := os.ReadFile(filepath.Join(folder, name))
		require.NoError(t, err)
		require.Equal(t, string(text), string(written), "run: go generate ./...")
		names = append(names, name)
	}
	for _, e := range entries {
		require.Contains(t, names, e.Name(), "nothing makes this page any more, run: go generate ./...")
	}
}

// TestTheReferenceNamesWhatIsMissing builds it from sources in which something is.
func TestTheReferenceNamesWhatIsMissing(t *testing.T) {
	_, err := apidoc.Build(os.DirFS(repository), nil)
	require.ErrorContains(t, err, "live_engine_http_srv/create_room: an example")
	_, err = apidoc.Build(fstest.MapFS{}, nil)
	require.ErrorContains(t, err, "commands.go")

	source := fstest.MapFS{"internal/restapi/commands.go": {Data: []byte("package restapi\nvar commands = []command{}\n")}}
	_, err = apidoc.Build(source, nil)
	require.ErrorContains(t, err, "live_engine_http_srv/create_room: a heading in the registry")
	require.ErrorContains(t, err, "Live.CallbackAfterCreateRoom.RoomInfo.RoomId: a text")
	require.ErrorContains(t, err, "Live.CallbackAfterCreateRoom: a comment on AfterCreateRoom")

	source["internal/restapi/commands.go"].Data = []byte("package restapi\nvar others = []command{}\n")
	_, err = apidoc.Build(source, nil)
	require.ErrorContains(t, err, "no registry")
}

// TestCommandsAreUnderTheirHeadings: the registry's headings are comments that have a line to themselves.
func TestCommandsAreUnderTheirHeadings(t *testing.T) {
	ref := build(t)
	titles := make([]string, len(ref.Groups))
	for i, g := range ref.Groups {
		titles[i] = g.Title
		require.NotEmpty(t, g.Commands)
		require.Regexp(t, `^[A-Z][a-z -]+$`, g.Title, "a heading is a few words")
	}
	require.Contains(t, titles, "Rooms")
	require.Contains(t, titles, "Webhook configuration")
	for _, g := range ref.Groups {
		for _, c := range g.Commands {
			if strings.HasPrefix(c.Path, "live_config/") {
				require.Equal(t, "webhook-configuration", g.File())
			}
		}
	}
}

// TestWebhooksAreDescribedByTheirTypesComments: in words for readers who do not see the code.
func TestWebhooksAreDescribedByTheirTypesComments(t *testing.T) {
	page := string(build(t).Markdown()["webhooks.md"])
	for _, want := range []string{
		"Kind: before. Asks whether a gift may be sent",
		"| `EventType` | string | One of `DestroyByUser` (its owner, or a REST call), `DestroyBySystem` (",
		"| `RoomInfo.Category` | array of integer | Categories; not sent when empty. |",
		"| `opType` | string | add, delete; the name's lower-case initial is the contract's. One of `add` (they are admins now), `delete`",
		"Also taken, where words are configured: `Live.CallbackMemberStateChanged`.",
		"## Live.CallbackBeforeCallBackNotBlock\n\nKind: switch.",
	} {
		require.Contains(t, page, want)
	}
	require.NotRegexp(t, `\[[A-Z]\w+\]`, page, "no links of godoc")
	require.NotRegexp(t, `Command(After|Before)|Cause(Enter|Leave)|TakeSeat(None|Free|Apply)|Member(On|Off)line|MsgTypeText|TypeLive|SystemAccount`,
		page, "no names of constants")
}

func TestThePageHasAnAnchorForEveryCommandAndWebhook(t *testing.T) {
	page := string(files(t)["index.html"])
	ids := make(map[string]bool)
	for _, id := range regexp.MustCompile(` id="([^"]+)"`).FindAllStringSubmatch(page, -1) {
		require.False(t, ids[id[1]], "the id %s is there twice", id[1])
		ids[id[1]] = true
	}
	for _, g := range build(t).Groups {
		for _, c := range g.Commands {
			require.True(t, ids[c.Path], c.Path)
		}
	}
	for _, word := range webhook.Words() {
		require.True(t, ids[string(word)], word)
	}
	for _, link := range regexp.MustCompile(`href="#([^"]*)"`).FindAllStringSubmatch(page, -1) {
		require.True(t, ids[link[1]], "a link to %s, which is not there", link[1])
	}
}

func TestLinksBetweenThePagesLead(t *testing.T) {
	pages := files(t)
	headings := make(map[string]bool)
	for name, text := range pages {
		headings[name] = true
		for _, h := range regexp.MustCompile(`(?m)^#+ (.+)$`).FindAllStringSubmatch(string(text), -1) {
			headings[name+"#"+strings.ToLower(strings.NewReplacer(".", "", "/", "", " ", "-").Replace(h[1]))] = true
		}
	}
	for name, text := range pages {
		if !strings.HasSuffix(name, ".md") {
			continue
		}
		for _, l := range regexp.MustCompile(`\]\(([^)]+)\)`).FindAllStringSubmatch(string(text), -1) {
			target := l[1]
			if strings.HasPrefix(target, "https://") {
				continue
			}
			if strings.HasPrefix(target, "#") {
				target = name + target
			}
			require.True(t, headings[target], "%s links to %s", name, l[1])
		}
	}
}

//go:build unix

package testkit

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

// Postgres is a PostgreSQL server with a cluster of its own in a temporary folder, which can be stopped and started again:
// always on the same address and the same data. It ends with the test, or with the process of the tests.
type Postgres struct {
	t       testing.TB
	address string // host:port, on which it listens
	release func()
	folder  *watched
	as      *syscall.Credential
	fsync   bool
	running *child
	paused  []int
}

// PostgresOption changes how a server of [NewPostgres] is run.
type PostgresOption func(*Postgres)

// WithFsync makes the server wait for the disk, as it must where a machine may fail. Without it the data survive anything
// that a test can do, as the system keeps what was written, but commits cost less.
func WithFsync() PostgresOption { return func(p *Postgres) { p.fsync = true } }

// StopMode says how a PostgreSQL server is stopped.
type StopMode syscall.Signal

// Fast ends the connections and writes everything to the files. Immediate is how a server ends that crashes: all of its
// processes at once, and what was committed is brought back from the log at the next start.
const (
	Fast      = StopMode(syscall.SIGINT)
	Immediate = StopMode(syscall.SIGQUIT)
)

// superuser is the role that all clusters have.
const superuser = "greenroom"

// shared is the server that all tests of a package share.
var shared = sync.OnceValues(func() (*Postgres, error) {
	p, err := newPostgres()
	if err != nil {
		return nil, err
	}
	return p, p.start()
})

// databases numbers the databases that were made on the shared server.
var databases atomic.Int64

// Database makes a new, empty database for the length of the test and returns its URL. It is on a server that all tests of
// the package share, with room for some 400 connections, which is started for the first that asks and ends with the process.
// Texts are sorted as in English unless a query says otherwise, as in many an operator's database.
func Database(t testing.TB) string {
	t.Helper()
	return database(t, "template1")
}

// Databases returns a function that does what [Database] does, with what prepare leaves in one: tables, say. It is run
// once. It must close its connections.
func Databases(prepare func(url string) error) func(testing.TB) (url string) {
	template := sync.OnceValues(func() (name string, err error) {
		p, err := shared()
		if err != nil {
			return "", err
		}
		name = fmt.Sprint("template_", databases.Add(1))
		if err := p.execute("CREATE DATABASE " + name); err != nil {
			return "", err
		}
		return name, prepare(p.URL(name))
	})
	return func(t testing.TB) string {
		t.Helper()
		name, err := template()
		require.NoError(t, err)
		return database(t, name)
	}
}

func database(t testing.TB, template string) string {
	t.Helper()
	p, err := shared()
	require.NoError(t, err)
	name := fmt.Sprint("test_", databases.Add(1))
	require.NoError(t, p.execute("CREATE DATABASE "+name+" TEMPLATE "+template))
	t.Cleanup(func() { require.NoError(t, p.execute("DROP DATABASE "+name+" WITH (FORCE)")) })
	return p.URL(name)
}

// NewPostgres starts a server that is the test's alone. With a missing PostgreSQL the test fails.
func NewPostgres(t testing.TB, options ...PostgresOption) *Postgres {
	t.Helper()
	p, err := newPostgres()
	require.NoError(t, err)
	t.Cleanup(p.end)
	p.t = t
	for _, o := range options {
		o(p)
	}
	require.NoError(t, p.start())
	return p
}

// URL returns the URL of a database on the server: "postgres" is there from the start.
func (p *Postgres) URL(database string) string {
	u := url.URL{Scheme: "postgres", User: url.User(superuser), Host: p.address, Path: "/" + database, RawQuery: "sslmode=disable"}
	return u.String()
}

// Database makes a new, empty database and returns its URL.
func (p *Postgres) Database() string {
	p.t.Helper()
	name := fmt.Sprint("test_", databases.Add(1))
	require.NoError(p.t, p.execute("CREATE DATABASE "+name))
	return p.URL(name)
}

// Start starts a server that was stopped, and returns when it answers.
func (p *Postgres) Start() {
	p.t.Helper()
	require.NoError(p.t, p.start())
}

// Stop stops the server and returns when it has ended.
func (p *Postgres) Stop(mode StopMode) {
	p.t.Helper()
	require.NoError(p.t, p.running.signal(syscall.Signal(mode)))
	_ = p.running.wait() // how it ended is what the mode says
	p.running = nil
}

// Pause makes all processes of the server stand still, with all of its connections open, until [Postgres.Resume].
func (p *Postgres) Pause() {
	p.t.Helper()
	paused, err := pause(p.folder, p.running.process.Pid)
	require.NoError(p.t, err)
	p.paused = paused
}

// Resume lets a paused server go on.
func (p *Postgres) Resume() {
	resume(p.folder, p.paused)
	p.paused = nil
}

// newPostgres prepares a server. It is not started.
func newPostgres() (*Postgres, error) {
	original, err := cluster()
	if err != nil {
		return nil, err
	}
	p := new(Postgres)
	if p.as, err = lesser(); err != nil {
		return nil, err
	}
	if p.folder, err = ownedFolder(p.as); err != nil {
		return nil, err
	}
	copied := exec.Command("cp", "-R", "-p", dataFolder(original), p.data())
	if output, err := copied.CombinedOutput(); err != nil {
		p.folder.close()
		return nil, fmt.Errorf("copy a new cluster: %w: %s", err, output)
	}
	if p.address, p.release, err = hold(); err != nil {
		p.folder.close()
		return nil, err
	}
	return p, nil
}

// cluster makes a new cluster, once, to be copied.
var cluster = sync.OnceValues(func() (*watched, error) {
	initdb, err := postgresProgram("initdb")
	if err != nil {
		return nil, err
	}
	as, err := lesser()
	if err != nil {
		return nil, err
	}
	folder, err := ownedFolder(as)
	if err != nil {
		return nil, err
	}
	// A segment of the log is 1 MiB, as it is what most of a cluster's copy would consist of.
	args := []string{"-D", dataFolder(folder), "-U", superuser, "-A", "trust", "-E", "UTF8", "--no-sync", "--wal-segsize=1",
		"--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=en"}
	cmd := exec.Command(initdb, args...)
	cmd.Dir = filepath.Dir(dataFolder(folder))
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: as}
	if output, err := cmd.CombinedOutput(); err != nil {
		folder.close()
		return nil, fmt.Errorf("initdb: %w: %s", err, output)
	}
	return folder, nil
})

// ownedFolder makes a folder with a folder pg in it that is the user's, who can reach nothing else there.
func ownedFolder(as *syscall.Credential) (*watched, error) {
	w, err := newWatched()
	if err != nil {
		return nil, err
	}
	inner := filepath.Join(w.path, "pg")
	err = errors.Join(os.Chmod(w.path, 0o711), os.Mkdir(inner, 0o700))
	if as != nil && err == nil {
		err = os.Chown(inner, int(as.Uid), int(as.Gid))
	}
	if err != nil {
		w.close()
		return nil, err
	}
	return w, nil
}

// postgresFolders are where Debian's packages put PostgreSQL's programs, one folder for each version.
var postgresFolders = "/usr/lib/postgresql/*/bin"

// postgresProgram finds a program of PostgreSQL: of the newest version in those folders, or else in PATH.
func postgresProgram(name string) (string, error) {
	found, _ := filepath.Glob(filepath.Join(postgresFolders, name))
	if len(found) > 0 {
		return slices.MaxFunc(found, func(a, b string) int { return version(a) - version(b) }), nil
	}
	path, err := exec.LookPath(name)
	if err != nil {
		return "", errors.New("PostgreSQL is missing: `make deps` installs what the tests need")
	}
	return path, nil
}

// version is the number in /usr/lib/postgresql/15/bin/initdb.
func version(path string) int {
	n, _ := strconv.Atoi(strings.Split(path, "/")[4])
	return n
}

// dataFolder is where the cluster is in its folder.
func dataFolder(w *watched) string { return filepath.Join(w.path, "pg", "data") }

func (p *Postgres) data() string { return dataFolder(p.folder) }

// start starts the server and waits until it answers.
func (p *Postgres) start() error {
	program, err := postgresProgram("postgres")
	if err != nil {
		return err
	}
	host, port, err := net.SplitHostPort(p.address)
	if err != nil {
		return err
	}
	log, err := os.OpenFile(filepath.Join(p.folder.path, "server.log"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	args := []string{"-D", p.data(), "-h", host, "-p", port, "-k", p.socketFolder(), "-c", "max_connections=420"}
	if !p.fsync {
		args = append(args, "-c", "fsync=off", "-c", "full_page_writes=off")
	}
	// The size of the log, as in a cluster with segments of the usual size.
	args = append(args, "-c", "min_wal_size=80MB", "-c", "max_wal_size=1GB", "-c", "logging_collector=off")
	cmd := exec.Command(program, args...)
	cmd.Dir = filepath.Dir(p.data())
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: p.as, Setsid: true}
	endAtOnce(cmd)
	if p.running, err = spawn(cmd); err != nil {
		return fmt.Errorf("start PostgreSQL: %w", err)
	}
	return p.ready()
}

// socketFolder is where the server puts its socket: nowhere when the name would be too long for one.
func (p *Postgres) socketFolder() string {
	if folder := filepath.Dir(p.data()); len(folder) < 80 {
		return folder
	}
	return ""
}

// ready waits until the server answers.
func (p *Postgres) ready() error {
	for deadline := time.Now().Add(patience); ; {
		err := p.execute("SELECT 1")
		if err == nil {
			return nil
		}
		select {
		case <-p.running.ended:
			return fmt.Errorf("PostgreSQL ended: %w: %s", p.running.err, p.log())
		case <-time.After(5 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("PostgreSQL does not answer within %s: %w: %s", patience, err, p.log())
		}
	}
}

// log returns the end of what the server has logged.
func (p *Postgres) log() string {
	text, _ := os.ReadFile(filepath.Join(p.folder.path, "server.log"))
	return string(text[max(0, len(text)-4<<10):])
}

// execute carries out one statement as the superuser.
func (p *Postgres) execute(statement string) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	c, err := pgx.Connect(ctx, p.URL("postgres"))
	if err != nil {
		return err
	}
	_, err = c.Exec(ctx, statement)
	return errors.Join(err, c.Close(ctx))
}

// end stops the server, in whatever state it is, and removes its data.
func (p *Postgres) end() {
	p.Resume()
	if p.running != nil {
		_ = p.running.signal(syscall.SIGQUIT)
		_ = p.running.wait()
	}
	if p.t != nil && p.t.Failed() {
		p.t.Logf("the end of PostgreSQL's log:\n%s", p.log())
	}
	p.folder.close()
	p.release()
}

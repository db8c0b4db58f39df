package delivery

import (
	"flag"
	"testing"

	"github.com/stretchr/testify/require"
)

var (
	simSteps = flag.Int("steps", 0, "steps of the simulation; 0 for 5,000,000, or 200,000 with the race detector")
	simSeed  = flag.Uint64("seed", 1, "of the simulation")
)

// simWorldSteps is how many steps one world lasts before the storm ends.
const simWorldSteps = 50_000

// simulate lives through one world, and returns it when all is over.
func simulate(seed uint64, rules simRules, steps int) *simWorld {
	w := newSimWorld(seed, rules)
	defer w.end()
	if w.run(steps, simNever); w.broken == "" {
		w.settleDown()
	}
	return w
}

// Simulation: nodes that crash, stand still, sleep and are cut off, whose clocks jump and run apart, deliver what they
// commit over one database. Whatever happens: what arrives first arrives in the order of commits, nothing is lost or left
// waiting, nothing is acknowledged that was not delivered or by a node that was given up, no lane has two senders, and
// nothing is sent twice without a reason.
func TestSimulation(t *testing.T) {
	total := *simSteps
	if total == 0 {
		total = simDefaultSteps
	}
	var steps, arrivals, repeats, lives, worlds int
	for seed := *simSeed; steps < total; seed++ {
		w := simulate(seed, simRules{}, min(simWorldSteps, total-steps))
		require.Empty(t, w.broken, "again with -run TestSimulation -seed %d -steps %d", seed, min(simWorldSteps, total-steps))
		steps, arrivals, repeats, lives, worlds = steps+w.steps, arrivals+w.arrivals, repeats+w.repeats, lives+w.lives, worlds+1
	}
	t.Logf("%d steps in %d worlds with %d lives: %d arrivals, %d of them repeated", steps, worlds, lives, arrivals, repeats)
}

// The same seed is the same world.
func TestSimulationCanBeRepeated(t *testing.T) {
	one, other := simulate(7, simRules{}, 20_000), simulate(7, simRules{}, 20_000)
	require.Equal(t, one.trace, other.trace)
	require.Equal(t, one.steps, other.steps)
	require.NotEqual(t, one.trace, simulate(8, simRules{}, 20_000).trace)
}

// Each rule is needed: without it the simulation finds that something does not hold. It looks from a seed on with which
// that was found soon.
func TestSimulationFindsBrokenRules(t *testing.T) {
	for _, c := range []struct {
		name  string
		seed  uint64
		rules simRules
	}{
		{"outcomes are not fenced", 12, simRules{settleUnfenced: true}},
		{"commits are not fenced", 1, simRules{commitUnfenced: true}},
		{"take-overs are not fenced", 6, simRules{takeUnfenced: true}},
		{"rooms are not locked", 1, simRules{unlocked: true}},
		{"nodes are given up too early", 9, simRules{earlyTakeOver: true}},
		{"a lease by the wall clock", 22, simRules{wallOnly: true}},
		{"a lease by the monotonic clock", 8, simRules{monotonicOnly: true}},
		{"a whole lease from the answer on", 1, simRules{fromTheAnswer: true}},
		{"nobody looks at Prev", 7, simRules{noPrev: true}},
		{"nobody is woken", 1, simRules{noWake: true}},
		{"nobody searches when news were missed", 381, simRules{noSearch: true}},
		{"a search leaves out lanes in memory", 107, simRules{unknownOnly: true}},
		{"lanes survive a lost lease", 1, simRules{lanesSurvive: true}},
		{"the outbox shows everything to all", 1, simRules{anyonesLanes: true}},
		{"events of a former life are taken", 54, simRules{formerLife: true}},
		{"what was read is taken again", 1, simRules{readAndHanded: true}},
		{"empty baskets go at once", 131, simRules{basketsGoAtOnce: true}},
		{"a commit without an answer is a failed one", 5, simRules{commitsForgotten: true}},
	} {
		t.Run(c.name, func(t *testing.T) {
			steps := 0
			for seed := c.seed; seed < c.seed+600; seed++ {
				w := simulate(seed, c.rules, simWorldSteps)
				if steps += w.steps; w.broken != "" {
					t.Logf("found in %d steps, with seed %d: %s", steps, seed, w.broken)
					return
				}
			}
			require.Fail(t, "not found", "in %d steps", steps)
		})
	}
}

package main

import (
	"fmt"
	"io"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/greenroom-live/greenroom/bench/rig"
)

// result is one peer's row.
type result struct {
	entry
	rate       float64 // events a second
	drain      float64 // events a second; 0 when it can have no backlog
	latency    rig.Sample
	wrong      int   // events that were lost, repeated or invented while nothing was amiss
	ordered    int   // events of one room whose order was looked at
	outOfOrder int   // of those
	outage     *loss // nil when it was not measured
	kill       *loss
}

func (r *result) note(got rig.Counts, published int) {
	r.wrong += got.Missing(published) + got.Surplus(published)
}

// loss is how many of the events that a peer had taken did not arrive, as far as one waited.
type loss struct{ taken, missing int }

// table collects what was measured.
type table struct {
	machine, load, taken string
	ceilings             []float64
	bare                 rig.Sample // latency of bare POSTs
	results              []result
}

func newTable(o options) *table {
	return &table{
		machine: fmt.Sprintf("%s %s/%s, %d CPUs", runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU()),
		load: fmt.Sprintf("%d callers, %d rooms, %v a run, backlog of %d, %d events/s for the latency, receiver down for %v",
			o.callers, o.rooms, o.duration, o.backlog, o.rate, o.outage),
		taken: time.Now().UTC().Format(time.DateOnly),
	}
}

func (t *table) add(r result) { t.results = append(t.results, r) }

func (t *table) addCeiling(rate float64, latency rig.Sample) {
	t.ceilings = append(t.ceilings, rate)
	t.bare = rig.NewSample(append(t.bare, latency...))
}

// addLosses adds what a peer lost in an outage of the receiver and by being killed.
func (t *table) addLosses(word string, outage, kill *loss) {
	for i := range t.results {
		if t.results[i].word == word {
			t.results[i].outage, t.results[i].kill = outage, kill
		}
	}
}

func (t *table) ceiling() float64 {
	if len(t.ceilings) == 0 {
		return 0
	}
	sum := 0.0
	for _, c := range t.ceilings {
		sum += c
	}
	return sum / float64(len(t.ceilings))
}

var columns = []string{
	"", "an event is safe by", "events/s", "backlog/s", "p50", "p99", "lost or repeated", "of one room, out of order",
	"missing after the receiver was down", "missing after kill -9",
}

// write prints the table in Markdown.
func (t *table) write(out io.Writer) error {
	if len(t.ceilings) == 0 {
		return nil
	}
	rows := [][]string{{"bare POST", "", rate(t.ceiling(), 0), "", ms(t.bare, 50), ms(t.bare, 99), "", "", "", ""}}
	for _, r := range t.results {
		rows = append(rows, r.cells(t.ceiling()))
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s; %s; %s\n\n", t.machine, t.load, t.taken)
	fmt.Fprintf(&b, "| %s |\n| --- | --- |%s\n", strings.Join(columns, " | "), strings.Repeat(" ---: |", len(columns)-2))
	for _, cells := range rows {
		fmt.Fprintf(&b, "| %s |\n", strings.Join(cells, " | "))
	}
	_, err := io.WriteString(out, b.String())
	return err
}

func (r result) cells(ceiling float64) []string {
	return []string{
		r.name, r.notes, rate(r.rate, ceiling), rate(r.drain, ceiling), ms(r.latency, 50), ms(r.latency, 99),
		strconv.Itoa(r.wrong), fmt.Sprintf("%d of %d", r.outOfOrder, r.ordered), r.outage.cell(), r.kill.cell(),
	}
}

func (l *loss) cell() string {
	if l == nil {
		return "—"
	}
	return fmt.Sprintf("%d of %d", l.missing, l.taken)
}

// rate is a number per second, with its part of the ceiling when there is one; a dash for none.
func rate(perSecond, ceiling float64) string {
	if perSecond == 0 {
		return "—"
	}
	text := thousands(perSecond)
	if ceiling > 0 {
		text += fmt.Sprintf(" (%.2f)", perSecond/ceiling)
	}
	return text
}

func ms(s rig.Sample, p float64) string {
	if len(s) == 0 {
		return "—"
	}
	return fmt.Sprintf("%.2f ms", float64(s.Percentile(p))/float64(time.Millisecond))
}

// thousands writes a number without fraction and with a comma every three digits.
func thousands(n float64) string {
	digits := []byte(strconv.FormatFloat(n, 'f', 0, 64))
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = slices.Insert(digits, i, ',')
	}
	return string(digits)
}

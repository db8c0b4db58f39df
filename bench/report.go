package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/greenroom-live/greenroom/bench/rig"
)

const (
	perSecond    = "/s"
	milliseconds = "ms"
	seconds      = "s"
	microseconds = "µs"
	mebibytes    = "MiB"
	webhooks     = "webhooks"
	times        = "times"
)

// figure is one measured number.
type figure struct {
	Run   string   `json:"run"`
	Name  string   `json:"name"`
	Value float64  `json:"value"`
	Unit  string   `json:"unit"`
	Ratio *float64 `json:"ratio_to_ceiling,omitzero"`
	Aim   string   `json:"aim,omitzero"`
	Met   *bool    `json:"met,omitzero"` // whether the aim is

	ceiling      float64  // of its own; the report's when 0
	exchanges    float64  // per second, to compare with the ceiling; 0 when that makes no sense
	atLeastRatio float64  // the aim for the ratio; 0 for none
	atMost       *float64 // the aim for the value
}

// report collects the figures of a run.
type report struct {
	Machine string   `json:"machine"`
	Load    string   `json:"load"`
	Taken   string   `json:"taken"`
	Figures []figure `json:"figures"`

	ceilings []float64
	wrong    bool // webhooks were lost, repeated, reordered or invented
}

func newReport(o options) *report {
	return &report{
		Machine: fmt.Sprintf("%s %s/%s, %d CPUs", runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU()),
		Load: fmt.Sprintf("%d callers, %d rooms, %v a run, backlog of %d, %d deletions/s for the latency",
			o.callers, o.rooms, o.duration, o.backlog, o.rate),
		Taken: time.Now().UTC().Format(time.DateOnly),
	}
}

func (r *report) add(f figure) { r.Figures = append(r.Figures, f) }

// addCeiling adds a measurement of bare exchanges per second.
func (r *report) addCeiling(rate float64) { r.ceilings = append(r.ceilings, rate) }

func (r *report) addTimes(run, name string, s rig.Sample, percentiles ...float64) {
	for _, p := range percentiles {
		r.add(figure{Run: run, Name: fmt.Sprintf("%s, p%g", name, p), Value: inMilliseconds(s.Percentile(p)), Unit: milliseconds})
	}
}

// addLatency adds how long webhooks took, by how much the load generator was late to start the calls, and what bare POSTs and
// what writes with an fsync took at the same rate.
func (r *report) addLatency(took, late, post, sync rig.Sample) {
	const name = "del started to webhook arrived"
	r.addTimes("latency", name, took, 50, 90)
	r.add(figure{Run: "latency", Name: name + ", p99", Value: inMilliseconds(took.Percentile(99)), Unit: milliseconds, atMost: new(2.0)})
	r.add(figure{Run: "latency", Name: name + ", max", Value: inMilliseconds(took.Percentile(100)), Unit: milliseconds})
	r.addTimes("latency", "call started late by", late, 99)
	r.addTimes("latency", "bare POST", post, 99)
	r.addTimes("latency", "write and fsync of 1 KiB", sync, 99)
	r.addComparison("latency", "webhook's p99 to those of bare POST and fsync together",
		inMilliseconds(took.Percentile(99)), inMilliseconds(post.Percentile(99)+sync.Percentile(99)), 2)
}

// addComparison adds how many times base something is, with the most that it should be; nothing when base is 0.
func (r *report) addComparison(run, name string, value, base, atMost float64) {
	if base > 0 {
		r.add(figure{Run: run, Name: name, Value: value / base, Unit: times, atMost: new(atMost)})
	}
}

// addCost adds what events cost with so much in the database.
func (r *report) addCost(with string, c cost) {
	for _, f := range []figure{
		{Name: "set + del + webhook", Value: c.pairs, Unit: perSecond},
		{Name: "server's CPU for a pair", Value: inMicroseconds(c.pairCPU), Unit: microseconds},
		{Name: "webhooks of a backlog", Value: c.drain, Unit: perSecond},
		{Name: "server's CPU for a webhook of a backlog", Value: inMicroseconds(c.drainCPU), Unit: microseconds},
	} {
		f.Run, f.Name = "flat", with+": "+f.Name
		r.add(f)
	}
}

// addFlatness compares two costs. More is worse in all four figures.
func (r *report) addFlatness(which string, much, little cost) {
	r.addComparison("flat", which+": time for a pair", little.pairs, much.pairs, flatness)
	r.addComparison("flat", which+": CPU for a pair", much.pairCPU.Seconds(), little.pairCPU.Seconds(), flatness)
	r.addComparison("flat", which+": time for a webhook of a backlog", little.drain, much.drain, flatness)
	r.addComparison("flat", which+": CPU for a webhook of a backlog", much.drainCPU.Seconds(), little.drainCPU.Seconds(), flatness)
}

// addLosses adds how many webhooks of a run did not come, and how many came that should not have.
func (r *report) addLosses(run string, missing, surplus int) {
	r.add(figure{Run: run, Name: "missing", Value: float64(missing), Unit: webhooks, atMost: new(0.0)})
	r.add(figure{Run: run, Name: "repeated or unknown", Value: float64(surplus), Unit: webhooks, atMost: new(0.0)})
	r.note(missing, surplus)
}

// note makes the whole run fail when webhooks were missing or surplus.
func (r *report) note(missing, surplus int) { r.wrong = r.wrong || missing+surplus > 0 }

// addDisorder adds how many webhooks of a run came behind a later one of their room.
func (r *report) addDisorder(run string, late int) {
	r.add(figure{Run: run, Name: "out of order", Value: float64(late), Unit: webhooks, atMost: new(0.0)})
	r.note(0, late)
}

func inMicroseconds(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }

func inMilliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// finish puts the ceiling first and judges all figures by it. It fails when webhooks were lost, repeated or reordered.
func (r *report) finish() error {
	ceiling := r.finishCeiling()
	for i := range r.Figures {
		r.Figures[i].judge(ceiling)
	}
	if r.wrong {
		return errors.New("webhooks were lost, repeated, out of order, or came from nowhere")
	}
	return nil
}

// finishCeiling returns the mean of the ceiling's two measurements, or the only one, or 0 when there is none.
func (r *report) finishCeiling() float64 {
	if len(r.ceilings) == 0 {
		return 0
	}
	ceiling := func(when string, rate float64) figure {
		return figure{Run: "ceiling", Name: "bare POST" + when, Value: rate, Unit: perSecond}
	}
	if len(r.ceilings) == 1 {
		r.Figures = slices.Insert(r.Figures, 0, ceiling("", r.ceilings[0]))
		return r.ceilings[0]
	}
	before, after := r.ceilings[0], r.ceilings[1]
	mean := (before + after) / 2
	r.Figures = slices.Insert(r.Figures, 0, ceiling(", before", before), ceiling(", after", after), ceiling(", mean", mean))
	return mean
}

func (f *figure) judge(ceiling float64) {
	ceiling = cmp.Or(f.ceiling, ceiling)
	if f.exchanges > 0 && ceiling > 0 {
		f.Ratio = new(f.exchanges / ceiling)
	}
	if f.atLeastRatio > 0 && f.Ratio != nil {
		f.Aim, f.Met = fmt.Sprintf("ratio >= %g", f.atLeastRatio), new(*f.Ratio >= f.atLeastRatio)
	}
	if f.atMost != nil {
		f.Aim, f.Met = fmt.Sprintf("<= %g %s", *f.atMost, f.Unit), new(f.Value <= *f.atMost)
	}
}

// write prints the table, and writes the JSON file when one is wanted.
func (r *report) write(out io.Writer, o options) error {
	if len(r.Figures) == 0 {
		return nil
	}
	print := r.writeText
	if o.markdown {
		print = r.writeMarkdown
	}
	if err := print(out); err != nil || o.json == "" {
		return err
	}
	text, err := json.Marshal(r, jsontext.WithIndent("  "))
	if err != nil {
		return err
	}
	return os.WriteFile(o.json, append(text, '\n'), 0o644)
}

var columns = []string{"run", "figure", "value", "of the ceiling", "aim"}

// cells are a figure's texts for columns.
func (f figure) cells() []string {
	var ratio, aim string
	if f.Ratio != nil {
		ratio = fmt.Sprintf("%.2f", *f.Ratio)
	}
	if f.Met != nil {
		aim = f.Aim + map[bool]string{true: ": met", false: ": MISSED"}[*f.Met]
	}
	return []string{f.Run, f.Name, f.value(), ratio, aim}
}

func (f figure) value() string {
	switch f.Unit {
	case perSecond:
		return thousands(f.Value) + f.Unit
	case milliseconds, seconds, times:
		return fmt.Sprintf("%.2f %s", f.Value, f.Unit)
	}
	return thousands(f.Value) + " " + f.Unit
}

// thousands writes a number without fraction and with a comma every three digits.
func thousands(n float64) string {
	digits := strconv.FormatFloat(n, 'f', 0, 64)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

func (r *report) writeText(out io.Writer) error {
	var table strings.Builder
	t := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, strings.Join(columns, "\t"))
	for _, f := range r.Figures {
		fmt.Fprintln(t, strings.Join(f.cells(), "\t"))
	}
	_ = t.Flush() // a strings.Builder takes everything
	fmt.Fprintf(out, "%s; %s; %s\n\n", r.Machine, r.Load, r.Taken)
	for line := range strings.Lines(table.String()) {
		if _, err := fmt.Fprintln(out, strings.TrimRight(line, " \n")); err != nil {
			return err
		}
	}
	return nil
}

func (r *report) writeMarkdown(out io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s; %s; %s\n\n", r.Machine, r.Load, r.Taken)
	fmt.Fprintf(&b, "| %s |\n| --- | --- | ---: | ---: | --- |\n", strings.Join(columns, " | "))
	for _, f := range r.Figures {
		fmt.Fprintf(&b, "| %s |\n", strings.Join(f.cells(), " | "))
	}
	_, err := io.WriteString(out, b.String())
	return err
}

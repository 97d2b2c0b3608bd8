package backtest

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"headwatch"
	"headwatch/config"
)

// maxVariants bounds a sweep.
const maxVariants = 200

var sweepable = []string{"warn_after", "page_after", "trip_after", "recover_after", "stale_after"}

// ParseSweep reads KEY=FROM..TO or KEY=FROM..TO/STEP, as trip_after=20s..180s/10s; a step is ten seconds unless it is given.
func ParseSweep(text string) ([]Variant, error) {
	key, values, _ := strings.Cut(text, "=")
	from, values, found := strings.Cut(values, "..")
	to, step, stepped := strings.Cut(values, "/")
	if !stepped {
		step = "10s"
	}
	if !found || !slices.Contains(sweepable, key) {
		return nil, fmt.Errorf("%q is no sweep: write KEY=FROM..TO/STEP, as trip_after=20s..180s/10s, with a KEY of %s", text, strings.Join(sweepable, ", "))
	}
	var first, last, by config.Duration
	for _, d := range []struct {
		text string
		to   *config.Duration
	}{{from, &first}, {to, &last}, {step, &by}} {
		if err := d.to.UnmarshalText([]byte(d.text)); err != nil || *d.to <= 0 {
			return nil, fmt.Errorf("%q is no sweep: %q is not a duration as 20s", text, d.text)
		}
	}
	if last < first || (last-first)/by >= maxVariants {
		return nil, fmt.Errorf("%q is no sweep: it has no value, or more than %d", text, maxVariants)
	}
	var all []Variant
	for v := first; v <= last; v += by {
		all = append(all, Variant{Key: key, Value: v.D()})
	}
	return all, nil
}

// Point is one variant of a sweep.
type Point struct {
	Variant string             `json:"variant"`
	Seconds float64            `json:"value_s"`
	Missed  int                `json:"missed_trips"`
	False   int                `json:"false_trips"`
	Median  float64            `json:"median_trip_s"` // after the trouble began, without what the conditions' own limits take
	Worst   float64            `json:"worst_trip_s"`
	Quiet   map[string]float64 `json:"quiet_false_trips_per_30_days"` // by profile
	L2      float64            `json:"quiet_l2_false_trips_per_30_days"`
	Pages   float64            `json:"quiet_pages_per_30_days"` // on all profiles

	Unplayed []string `json:"unplayed,omitempty"` // scenarios and quiet days that this value allows no configuration for, and why
}

// Curve sums up the cards of a sweep.
func Curve(variants []Variant, cards []Card) []Point {
	points := make([]Point, len(cards))
	for i := range cards {
		c := &cards[i]
		t := c.Totals()
		p := Point{Variant: c.Variant, Seconds: variants[i].Value.Seconds(), Missed: t.Missed, False: t.False, Quiet: make(map[string]float64)}
		var trips []float64
		for _, r := range c.Scenarios {
			p.Unplayed = append(p.Unplayed, r.Wrong...) // each begins with the scenario's name
			for _, v := range r.Verdicts {
				if v.Expected == headwatch.LevelTrip && v.Trip != nil {
					trips = append(trips, float64(*v.Trip-v.Grace))
				}
			}
		}
		if slices.Sort(trips); len(trips) > 0 {
			p.Median, p.Worst = trips[len(trips)/2], trips[len(trips)-1]
		}
		for _, q := range c.Quiet {
			if len(q.Wrong) > q.Trips {
				p.Unplayed = append(p.Unplayed, q.Wrong[0])
			}
			trips := float64(q.Trips) * 30 / float64(max(1, c.Days))
			if p.Quiet[q.Profile] = trips; !q.Layer1 {
				p.L2 += trips
			}
			p.Pages += float64(q.Pages) * 30 / float64(max(1, c.Days))
		}
		points[i] = p
	}
	return points
}

// PrintCurve writes the trade-off as a table.
func PrintCurve(out io.Writer, points []Point) error {
	w := tabwriter.NewWriter(out, 0, 8, 2, ' ', tabwriter.AlignRight)
	if len(points) == 0 {
		return nil
	}
	profiles := slices.Sorted(maps.Keys(points[0].Quiet))
	fmt.Fprintln(w, strings.Join(append([]string{"", "missed", "false", "median s", "worst s", "quiet pages", "quiet false trips: L2"}, profiles...), "\t")+"\t")
	for _, p := range points {
		median, worst := "-", "-" // nothing tripped
		if p.Worst > 0 {
			median, worst = fmt.Sprintf("%.0f", p.Median), fmt.Sprintf("%.0f", p.Worst)
		}
		fmt.Fprintf(w, "%s\t%d\t%d\t%s\t%s\t%.1f\t%.1f\t", p.Variant, p.Missed, p.False, median, worst, p.Pages, p.L2)
		for _, profile := range profiles {
			fmt.Fprintf(w, "%.1f\t", p.Quiet[profile])
		}
		fmt.Fprintln(w)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	for _, p := range points {
		if n := len(p.Unplayed); n > 0 {
			fmt.Fprintf(out, "%s: %d not played, trips in them count as missed; the first: %s\n", p.Variant, n, p.Unplayed[0])
		}
	}
	_, err := fmt.Fprintln(out, "Seconds to trip count from the true start, without what a condition's own limit takes (safe_lag and the like); on quiet days: per 30 days.")
	return err
}

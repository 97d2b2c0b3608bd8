package backtest

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"math"
)

//go:embed plot.svg.tmpl
var plotTemplate string

// Measures of the plot, in pixels.
const (
	plotWidth, plotHeight = 900.0, 420.0
	plotLeft, plotRight   = 70.0, 830.0
	plotTop, plotBottom   = 60.0, 350.0
)

type plot struct {
	Width, Height            float64
	Left, Right, Top, Bottom float64
	Title                    string
	X, Seconds, Trips        []tick
	Median, Worst            string // points of the lines
	Bars                     []bar
}

type tick struct {
	At   float64
	Text string
}

type bar struct{ X, Y, Width, Height float64 }

// Plot draws a sweep as an SVG picture: what a threshold costs in seconds, as lines, and in false trips, as bars.
func Plot(out io.Writer, points []Point, days int) error {
	if len(points) == 0 {
		return fmt.Errorf("draw the sweep: it has no points")
	}
	p := plot{
		Width: plotWidth, Height: plotHeight, Left: plotLeft, Right: plotRight, Top: plotTop, Bottom: plotBottom,
		Title: fmt.Sprintf("%s to %s: seconds to trip in the corpus, false trips on %d quiet days of each profile", points[0].Variant, points[len(points)-1].Variant, days),
	}
	seconds, trips := 1.0, 1.0
	for i := range points {
		seconds, trips = max(seconds, points[i].Worst), max(trips, points[i].L2)
	}
	seconds = round(seconds)
	decades := max(1, math.Ceil(math.Log10(trips)))
	step := (plotRight - plotLeft) / float64(len(points))
	y := func(v, most float64) float64 { return plotBottom - v/most*(plotBottom-plotTop) }
	every := (len(points) + 19) / 20
	for i := range points {
		x := plotLeft + (float64(i)+0.5)*step
		if i%every == 0 {
			p.X = append(p.X, tick{x, fmt.Sprintf("%g", points[i].Seconds)})
		}
		p.Median += fmt.Sprintf("%.1f,%.1f ", x, y(points[i].Median, seconds))
		p.Worst += fmt.Sprintf("%.1f,%.1f ", x, y(points[i].Worst, seconds))
		top := y(logarithmic(points[i].L2), logarithmic(math.Pow(10, decades)))
		p.Bars = append(p.Bars, bar{x - step*0.35, top, step * 0.7, plotBottom - top})
	}
	for i := range 6 {
		part := float64(i) / 5
		p.Seconds = append(p.Seconds, tick{y(part, 1), fmt.Sprintf("%g", part*seconds)})
	}
	p.Trips = []tick{{plotBottom, "0"}}
	for decade := 0.0; decade <= decades; decade++ {
		v := math.Pow(10, decade)
		p.Trips = append(p.Trips, tick{y(logarithmic(v), logarithmic(math.Pow(10, decades))), fmt.Sprintf("%g", v)})
	}
	t, err := template.New("plot").Parse(plotTemplate)
	if err != nil {
		return fmt.Errorf("draw the sweep: %w", err)
	}
	return t.Execute(out, p)
}

// logarithmic is the height of a number of false trips: between none and one a month lies all that matters, and a threshold
// that is far too low has thousands.
func logarithmic(v float64) float64 { return math.Log10(1 + v) }

// round gives the end of an axis: a number whose fifth is short to write.
func round(most float64) float64 {
	unit := math.Pow(10, math.Floor(math.Log10(most)))
	for _, of := range []float64{1, 2, 2.5, 5} {
		if most <= of*unit {
			return of * unit
		}
	}
	return 10 * unit
}

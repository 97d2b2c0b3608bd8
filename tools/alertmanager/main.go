// Command alertmanager is Prometheus' Alertmanager without its pages for browsers, which its module does not hold: the API, the
// provider, the dispatcher, the notification pipeline and the log of Alertmanager itself, put together as its own app package
// does. Only a test runs it. It prints the address that it listens on, and ends when its input ends.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/model"
	"github.com/prometheus/common/route"

	"github.com/prometheus/alertmanager/alert"
	"github.com/prometheus/alertmanager/api"
	"github.com/prometheus/alertmanager/config"
	"github.com/prometheus/alertmanager/config/receiver"
	"github.com/prometheus/alertmanager/dispatch"
	"github.com/prometheus/alertmanager/eventrecorder"
	"github.com/prometheus/alertmanager/featurecontrol"
	"github.com/prometheus/alertmanager/inhibit"
	"github.com/prometheus/alertmanager/marker"
	"github.com/prometheus/alertmanager/nflog"
	"github.com/prometheus/alertmanager/notify"
	"github.com/prometheus/alertmanager/provider/mem"
	"github.com/prometheus/alertmanager/silence"
	"github.com/prometheus/alertmanager/template"
	"github.com/prometheus/alertmanager/timeinterval"
)

func main() {
	path := flag.String("config.file", "alertmanager.yml", "configuration in Alertmanager's own format")
	address := flag.String("web.listen-address", "127.0.0.1:0", "where the API listens")
	flag.Parse()
	if err := run(*path, *address); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(path, address string) error {
	conf, err := config.LoadFile(path)
	if err != nil {
		return fmt.Errorf("load the configuration: %w", err)
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	handler, err := build(conf, listener.Addr().String())
	if err != nil {
		return err
	}
	go func() {
		io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	fmt.Println(listener.Addr())
	return http.Serve(listener, handler)
}

// build puts the parts together, without a cluster and without a disk.
func build(conf *config.Config, addr string) (http.Handler, error) {
	log, reg, flags, recorder := slog.New(slog.NewTextHandler(os.Stderr, nil)), prometheus.NewRegistry(), featurecontrol.NoopFlags{}, eventrecorder.Recorder{}
	notifications, err := nflog.New(nflog.Options{Retention: time.Hour, Logger: log, Metrics: reg})
	if err != nil {
		return nil, err
	}
	silences, err := silence.New(silence.Options{Retention: time.Hour, Logger: log, Metrics: reg, EventRecorder: recorder})
	if err != nil {
		return nil, err
	}
	silencer, groups := silence.NewSilencer(silences, log, recorder), marker.NewGroupMarker()
	alerts, err := mem.NewAlerts(context.Background(), 30*time.Minute, 0, silencer, log, recorder, reg, flags)
	if err != nil {
		return nil, err
	}
	tmpl, err := template.FromGlobs(nil)
	if err != nil {
		return nil, err
	}
	tmpl.ExternalURL = &url.URL{Scheme: "http", Host: addr}
	receivers := make(map[string][]notify.Integration)
	for _, r := range conf.Receivers {
		if receivers[r.Name], err = receiver.BuildReceiverIntegrations(r, tmpl, log); err != nil {
			return nil, err
		}
	}
	inhibitor := inhibit.NewInhibitor(alerts, conf.InhibitRules, log, recorder)
	pipeline := notify.NewPipelineBuilder(reg, flags, recorder).New(receivers, func() time.Duration { return 0 }, inhibitor, silencer,
		timeinterval.NewIntervener(nil), groups, notifications, nil)
	dispatcher := dispatch.NewDispatcher(alerts, dispatch.NewRoute(conf.Route, nil), pipeline, groups,
		func(d time.Duration) time.Duration { return max(d, notify.MinTimeout) }, 30*time.Second, nil, log, recorder,
		dispatch.NewDispatcherMetrics(false, reg, flags), tmpl)
	apih, err := api.New(api.Options{
		Alerts: alerts, Silences: silences, GroupMutedFunc: groups.Muted, Logger: log, Registry: reg,
		RequestDuration: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "request_duration_seconds"}, []string{"handler", "method", "code"}),
		GroupFunc: func(ctx context.Context, routes func(*dispatch.Route) bool, which func(*alert.Alert, time.Time) bool) (dispatch.AlertGroups, map[model.Fingerprint][]string, error) {
			return dispatcher.Groups(ctx, routes, which)
		},
	})
	if err != nil {
		return nil, err
	}
	apih.Update(conf, func(ctx context.Context, labels model.LabelSet) {
		inhibitor.Mutes(ctx, labels)
		silencer.Mutes(ctx, labels)
	})
	go inhibitor.Run()
	inhibitor.WaitForLoading()
	go dispatcher.Run(time.Now())
	dispatcher.WaitForLoading()
	return apih.Register(route.New(), "/"), nil
}

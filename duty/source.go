package duty

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"go.uber.org/zap"

	"headwatch/config"
	"headwatch/delivery"
)

// Times of reading a calendar.
const (
	fetchTimeout = 15 * time.Second
	retryAfter   = time.Minute // of one that could not be read, when it is not read more often anyway

	maxShown = 200 // runes of an error of the network
)

// source is a calendar and what was last read of it that was good. It stays until there is something better, however old it is: a
// rota of yesterday is better than none.
type source struct {
	name  string // rota.first-line, maintenance.upgrades
	where string // as people are told: the host, or the file
	url   string // empty for a file
	file  string
	every time.Duration
	zone  *time.Location
	judge func(events []*event, now time.Time) string // says what is unwise about a calendar that can be read; may be nil

	mu      sync.Mutex
	good    []*event
	read    time.Time // when good was read; zero for never
	trouble string    // why it could not be read the last time, or what is unwise about it
}

// newSource makes the source of the calendar of a table. Paths of files are relative to the configuration's, as everywhere in it.
func newSource(cfg *config.Config, name string, calendar config.Secret, every config.Duration, zone *time.Location) *source {
	s := &source{name: name, every: every.D(), zone: zone}
	if address, ok := webAddress(calendar); ok {
		s.url, s.where = address, calendar.Host()
		return s
	}
	s.file = calendar.Reveal()
	s.where = s.file
	if !filepath.IsAbs(s.file) {
		s.file = filepath.Join(filepath.Dir(cfg.Path), s.file)
	}
	return s
}

// webAddress tells the address of a calendar from the path of one. webcal is what https is called where one subscribes.
func webAddress(calendar config.Secret) (string, bool) {
	text := calendar.Reveal()
	if rest, ok := strings.CutPrefix(text, "webcal://"); ok {
		text = "https://" + rest
	}
	return text, strings.Contains(text, "://")
}

// events gives what was last read; nobody changes it. occurrences are those that overlap the time from one instant to another.
func (s *source) events() []*event {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.good
}

func (s *source) occurrences(from, until time.Time) []occurrence {
	all, _ := occurrences(s.events(), from, until, maxSteps) // accept saw to it that half of that is enough
	return all
}

func occurrences(events []*event, from, until time.Time, steps int) (all []occurrence, err error) {
	for _, e := range events {
		if e.cancelled {
			continue
		}
		if err := e.between(from, until, &steps, func(o span) { all = append(all, occurrence{o, e}) }); err != nil {
			return all, err
		}
	}
	return all, nil
}

// known reports whether the calendar was ever read.
func (s *source) known() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.read.IsZero()
}

// refresh reads the calendar again.
func (s *source) refresh(ctx context.Context) error {
	if s.url == "" {
		return s.readFile()
	}
	data, err := fetch(ctx, s.url)
	if err != nil {
		return err
	}
	return s.accept(data)
}

func (s *source) readFile() error {
	f, err := os.Open(s.file)
	if err != nil {
		return err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxCalendar+1))
	if err != nil {
		return err
	}
	return s.accept(data)
}

// accept takes over what was read when it is good.
func (s *source) accept(data []byte) error {
	now := time.Now()
	events, err := decode(data, s.zone)
	if err != nil {
		return err
	}
	if _, err := occurrences(events, now, now.AddDate(2, 0, 0), maxSteps/2); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.good, s.read = events, now
	return nil
}

// report keeps what became of a reading, and logs it when it is not what became of the last one.
func (s *source) report(err error, log *zap.Logger) {
	s.mu.Lock()
	defer s.mu.Unlock()
	was := s.trouble
	s.trouble = ""
	switch {
	case err != nil:
		s.trouble = err.Error()
	case s.judge != nil:
		s.trouble = s.judge(s.good, s.read)
	}
	about := []zap.Field{zap.String("calendar", s.name), zap.String("where", s.where)}
	if s.trouble != "" {
		about = append(about, zap.String("why", s.trouble))
	}
	switch {
	case s.trouble == was:
	case s.trouble == "":
		log.Info("the calendar is well again", about...)
	case err == nil:
		log.Warn("the calendar is read, but", about...)
	case s.read.IsZero():
		log.Warn("the calendar was never read", about...)
	default:
		log.Warn("the calendar cannot be read: what was read before still counts", append(about, zap.Time("last_good", s.read))...)
	}
}

// fetch gets a calendar. Its address is a secret: no error shows more of it than the configuration's reader may know.
func fetch(ctx context.Context, address string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, errors.New("the address cannot be used")
	}
	req.Header.Set("User-Agent", "headwatch")
	req.Header.Set("Accept", "text/calendar")
	client := http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport:     &http.Transport{Proxy: http.ProxyFromEnvironment, DisableKeepAlives: true, MaxResponseHeaderBytes: 64 << 10},
	}
	res, err := client.Do(req)
	if err != nil {
		if shown, ok := errors.AsType[*url.Error](err); ok {
			err = shown.Err
		}
		shown := delivery.Scrub(err.Error(), config.NewSecret(address).URLParts()...) // a server may repeat what it was asked
		return nil, fmt.Errorf("get it: %s", delivery.Clean(shown, maxShown))
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("get it: the server answers %d", res.StatusCode)
	}
	data, err := io.ReadAll(io.LimitReader(res.Body, maxCalendar+1))
	if err != nil {
		return nil, fmt.Errorf("get it: the answer breaks off: %w", err)
	}
	return data, nil
}

// Read reads every calendar that was not read yet, all at once, and returns when that is done or ctx ends.
func (r *Roster) Read(ctx context.Context) {
	var all sync.WaitGroup
	for _, s := range r.sources {
		if !s.known() {
			all.Go(func() { s.report(s.refresh(ctx), r.log) })
		}
	}
	all.Wait()
}

// Run reads the calendars again and again, each as often as the configuration says, until ctx ends.
func (r *Roster) Run(ctx context.Context) error {
	var all sync.WaitGroup
	for _, s := range r.sources {
		all.Go(func() {
			wait := s.every
			if !s.known() {
				wait = 0
			}
			for delivery.Sleep(ctx, wait) {
				err := s.refresh(ctx)
				if ctx.Err() != nil {
					return
				}
				s.report(err, r.log)
				if wait = s.every; err != nil {
					wait = min(wait, retryAfter)
				}
			}
		})
	}
	all.Wait()
	<-ctx.Done()
	return nil
}

// Calendar is how it stands with one of the calendars.
type Calendar struct {
	Name    string    // rota.first-line, maintenance.upgrades
	Where   string    // its host, or its file
	Read    time.Time // when it was last read and good; zero for never
	Events  int
	Trouble string // why it could not be read since, or what is unwise about it; empty for nothing
}

// Calendars says how it stands with each calendar, in the order of the configuration file.
func (r *Roster) Calendars() []Calendar {
	all := make([]Calendar, len(r.sources))
	for i, s := range r.sources {
		s.mu.Lock()
		all[i] = Calendar{s.name, s.where, s.read, len(s.good), s.trouble}
		s.mu.Unlock()
	}
	return all
}

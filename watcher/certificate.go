package watcher

import (
	"net/http"
	"time"

	"headwatch"
)

// renewal is how long before its end a certificate is told of: those who renew by machine have done it by then.
const renewal = 14 * 24 * time.Hour

// server is what an answer says of the server that gave it.
type server struct {
	date    time.Time // its clock; zero when it does not tell, or the answer was kept by a cache
	expires time.Time // when its certificate ends; zero without TLS
}

// earliestDate bounds the dates that are believed to be of a clock that somebody set: 1 January 2020.
const earliestDate = 1577836800

func (s *server) note(resp *http.Response) {
	*s = server{}
	if age := resp.Header.Get("Age"); age == "" || age == "0" {
		date, err := http.ParseTime(resp.Header.Get("Date"))
		if err == nil && date.Unix() >= earliestDate && date.Unix() <= maxTime {
			s.date = date
		}
	}
	if resp.TLS != nil && len(resp.TLS.PeerCertificates) > 0 {
		s.expires = resp.TLS.PeerCertificates[0].NotAfter
	}
}

// assessCertificate tells how long the endpoint's certificate still is valid, once that is less than renewal.
func (v *View) assessCertificate(e *endpointView, now time.Time) {
	left := e.expires.Sub(now)
	if e.expires.IsZero() || left > renewal {
		return
	}
	v.find(headwatch.Finding{
		Condition: headwatch.CertificateExpiring, Since: e.expires.Add(-renewal), Value: max(left, 0), Limit: renewal,
		Endpoint: e.name, Detail: "its certificate ends on " + e.expires.UTC().Format("2 January 2006, 15:04 UTC"),
	})
}

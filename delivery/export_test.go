package delivery

import "net/http"

// Intercept makes the webhook answer itself with 204, so that a test may run on a bubble's time.
func (w *Webhook) Intercept(see func(*http.Request)) {
	w.client.Transport = roundTrip(func(r *http.Request) (*http.Response, error) {
		see(r)
		return &http.Response{StatusCode: http.StatusNoContent, Body: http.NoBody}, nil
	})
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

package delivery_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"headwatch/config"
	"headwatch/delivery"
)

func TestARequestIsWhatItsHeaderSays(t *testing.T) {
	var method, kind, body string
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		b, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		method, kind, body = r.Method, r.Header.Get("Content-Type"), string(b)
	}))
	defer s.Close()
	to, client := delivery.Route{URL: config.NewSecret(s.URL)}, delivery.Client(10*time.Second)

	if _, err := delivery.Post(t.Context(), client, to, http.Header{}, []byte("{}")); err != nil || method != "POST" || kind != "application/json" {
		t.Errorf("by itself: %s of %s, %v", method, kind, err)
	}
	form := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	if _, err := delivery.Do(t.Context(), client, http.MethodPatch, to, form, []byte("a=b")); err != nil || method != "PATCH" || kind != form.Get("Content-Type") || body != "a=b" {
		t.Errorf("as asked: %s of %s: %s, %v", method, kind, body, err)
	}
}

func TestAnAnswerCanBeReadWholeAndIsShownWithoutTheSecrets(t *testing.T) {
	long := `{"padding":"` + strings.Repeat("x", 300) + `","code":21211}`
	status, answer := http.StatusBadRequest, long
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(status)
		if answer != "" {
			io.WriteString(w, answer)
			return
		}
		user, password, _ := r.BasicAuth()
		io.WriteString(w, strings.Join([]string{user, password, r.Header.Get("Authorization")}, " "))
	}))
	defer s.Close()
	to := delivery.Route{URL: config.NewSecret(s.URL), Key: config.NewSecret("planted-user:planted-password")}
	client := delivery.Client(10 * time.Second)
	basic, err := http.NewRequest(http.MethodPost, s.URL, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	basic.SetBasicAuth("planted-user", "planted-password")

	_, err = delivery.Post(t.Context(), client, to, basic.Header, nil)
	if e, ok := errors.AsType[*delivery.Error](err); !ok || string(e.Raw()) != long {
		t.Errorf("a refusal: %v", err)
	}
	status = http.StatusOK
	if r, err := delivery.Post(t.Context(), client, to, basic.Header, nil); err != nil || string(r.Raw()) != long {
		t.Errorf("a success: %v", err)
	}
	answer = ""
	r, err := delivery.Post(t.Context(), client, to, basic.Header, nil)
	if err != nil || r.Body != "[redacted] [redacted] Basic [redacted]" {
		t.Errorf("what the answer repeats is shown: %v", err)
	}
}

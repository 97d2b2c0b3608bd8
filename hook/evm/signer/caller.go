package signer

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"headwatch/config"
	"headwatch/delivery"
)

const (
	maxAnswer = 1 << 20 // of an answer; no node takes a transaction that is longer in hex
	maxShown  = 200     // runes of what a signer says that an error shows

	methodNotFound = -32601
)

// caller asks one JSON-RPC server over HTTP: no redirects, no proxy, bounded answers. It closes the connection after every
// request, so that trying a signer tries its certificates as well. No error shows more of the URL than its host.
type caller struct {
	host   string
	url    config.Secret
	pair   pair
	client *http.Client
}

func newCaller(c config.Signer) (*caller, error) {
	pair := pair{c.Cert, c.CertKey}
	tls, err := pair.config(c.CA)
	if err != nil {
		return nil, err
	}
	return &caller{
		host: c.URL.Host(), url: c.URL, pair: pair,
		client: &http.Client{
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
			Transport:     &http.Transport{TLSClientConfig: tls, DisableKeepAlives: true, MaxResponseHeaderBytes: 64 << 10},
		},
	}, nil
}

// refusal is an error that the signer answered with.
type refusal struct {
	host    string
	method  string
	code    int
	message string
}

func (e *refusal) Error() string {
	return fmt.Sprintf("%s: %s: %s (code %d)", e.host, e.method, e.message, e.code)
}

// call asks once and gives the result. It obeys the deadline of ctx. What the signer said no to is a *refusal.
func (c *caller) call(ctx context.Context, method string, params ...any) (json.RawMessage, error) {
	if params == nil {
		params = []any{}
	}
	body, err := json.Marshal(map[string]any{"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", method, err)
	}
	status, answer, err := c.post(ctx, body)
	if err != nil {
		return nil, fmt.Errorf("%s: %s: %w", c.host, method, err)
	}
	// web3signer says invalid parameters with status 400, everything else, like the others, with 200.
	var envelope struct {
		Result json.RawMessage `json:"result"`
		Error  *struct {
			Code    int    `json:"code"`
			Message string `json:"message"`
		} `json:"error"`
	}
	err = json.Unmarshal(answer, &envelope)
	switch {
	case err == nil && envelope.Error != nil:
		return nil, &refusal{c.host, method, envelope.Error.Code, c.clean(envelope.Error.Message)}
	case status != http.StatusOK:
		return nil, fmt.Errorf("%s: %s: status %d: %s", c.host, method, status, c.clean(string(answer)))
	case err != nil || len(envelope.Result) == 0:
		return nil, fmt.Errorf("%s: %s: the answer is not JSON-RPC", c.host, method)
	}
	return envelope.Result, nil
}

func (c *caller) post(ctx context.Context, body []byte) (status int, answer []byte, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url.Reveal(), bytes.NewReader(body))
	if err != nil {
		return 0, nil, errors.New("the url cannot be used") // the error would show it
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "headwatch")
	resp, err := c.client.Do(req)
	if err != nil {
		if u, ok := errors.AsType[*url.Error](err); ok {
			err = u.Err
		}
		return 0, nil, c.explain(err)
	}
	defer resp.Body.Close()
	answer, err = io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	switch {
	case err != nil:
		return 0, nil, c.explain(err)
	case len(answer) > maxAnswer:
		return 0, nil, errors.New("the answer is larger than 1 MiB")
	}
	return resp.StatusCode, answer, nil
}

// clean makes text of a signer fit for a message: one line, cut, without what of the URL is not for showing, which a proxy may
// repeat.
func (c *caller) clean(text string) string {
	return delivery.Clean(delivery.Scrub(text, c.url.URLParts()...), maxShown)
}

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/urfave/cli/v3"
)

const (
	maxAnswer     = 16 << 20
	clientTimeout = 15 * time.Second
)

func apiFlag() cli.Flag {
	return &cli.StringFlag{Name: "api", Value: "http://127.0.0.1:9464", Usage: "`URL` of the running headwatch", Sources: cli.EnvVars("HEADWATCH_API")}
}

func tokenFlag() cli.Flag {
	return &cli.StringFlag{
		Name: "token-file", Usage: "`FILE` with your operator's token; HEADWATCH_TOKEN holds the token itself", Sources: cli.EnvVars("HEADWATCH_TOKEN_FILE"),
	}
}

// client talks to a running headwatch.
type client struct {
	base  string
	shown string // scheme and host of base: the rest may hold a password
	token string
}

func newClient(c *cli.Command) (*client, error) {
	base, err := url.Parse(c.String("api"))
	if err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https" {
		return nil, usageError{errors.New("--api: expected a URL such as http://127.0.0.1:9464")}
	}
	return &client{base: strings.TrimSuffix(base.String(), "/"), shown: base.Scheme + "://" + base.Host}, nil
}

// newOperator is a client that may give orders.
func newOperator(c *cli.Command) (*client, error) {
	cl, err := newClient(c)
	if err != nil {
		return nil, err
	}
	cl.token = os.Getenv("HEADWATCH_TOKEN")
	if file := c.String("token-file"); file != "" {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, usageError{fmt.Errorf("read the token: %w", err)}
		}
		cl.token = strings.TrimSpace(string(text))
	}
	if cl.token == "" {
		return nil, usageError{errors.New("an order needs your token: give --token-file FILE or set HEADWATCH_TOKEN")}
	}
	return cl, nil
}

// get reads a document. A 503 with a JSON body is an answer too: an open circuit is one.
func (c *client) get(ctx context.Context, path string, into any) error {
	return c.call(ctx, http.MethodGet, path, nil, into)
}

func (c *client) post(ctx context.Context, path string, body, into any) error {
	return c.call(ctx, http.MethodPost, path, body, into)
}

func (c *client) call(ctx context.Context, method, path string, body, into any) error {
	ctx, cancel := context.WithTimeout(ctx, clientTimeout)
	defer cancel()
	resp, err := c.open(ctx, method, path, body)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	answer, err := c.read(resp)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(answer, into); err != nil {
		return fmt.Errorf("%s does not answer like headwatch: %w", c.shown, err)
	}
	return nil
}

// read gives the body of an answer, or the error that it holds. A 503 without one is an answer: an open circuit is.
func (c *client) read(resp *http.Response) ([]byte, error) {
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return nil, fmt.Errorf("read the answer of %s: %w", c.shown, err)
	}
	var failed struct {
		Error string `json:"error"`
	}
	if resp.StatusCode >= 400 && json.Unmarshal(answer, &failed) == nil && failed.Error != "" {
		return nil, errors.New(failed.Error)
	}
	if resp.StatusCode >= 400 && resp.StatusCode != http.StatusServiceUnavailable {
		return nil, fmt.Errorf("%s answered %s", c.shown, resp.Status)
	}
	return answer, nil
}

// open sends a request and hands over the answer; the caller closes its body.
func (c *client) open(ctx context.Context, method, path string, body any) (*http.Response, error) {
	var sent io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		sent = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, sent)
	if err != nil {
		return nil, err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, fmt.Errorf("no headwatch answers at %s (is it running? --api says where): %w", c.shown, errors.Unwrap(err))
	}
	return resp, nil
}

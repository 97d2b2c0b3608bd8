package watcher

import (
	"context"
	"encoding/json"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/ethereum/go-ethereum/rpc"

	"headwatch"
	"headwatch/config"
)

// httpProber asks one endpoint over HTTP. It belongs to one goroutine.
type httpProber struct {
	chain   config.Chain
	kind    kind
	url     config.Secret
	timeout time.Duration
	wire    *wire
	client  *rpc.Client // nil until the first probe

	verified bool   // the endpoint has said on this connection which chain it is
	chainID  uint64 // what it said; 0 when it does not serve the question
	syncing  bool   // as it was said last
	singly   bool   // it refused a batch: some providers bound or forbid them
	accounts []accountQuestions

	wanted atomic.Uint64 // a block to ask for by number; 0 for none. Any goroutine may set it
}

func newHTTPProber(chain config.Chain, e config.Endpoint, k kind, s secrets) *httpProber {
	return &httpProber{chain: chain, kind: k, url: e.URL, timeout: e.Timeout.D(), wire: newWire(s)}
}

// probe asks for the head, and for what changes slowly if told to. A bad answer is in the observation's Err; then it has
// no heads, and the next probe asks again which chain this is.
func (p *httpProber) probe(ctx context.Context, slow bool) headwatch.Observation {
	asked := time.Now()
	ctx, cancel := context.WithTimeout(ctx, p.timeout)
	defer cancel()
	o := headwatch.Observation{Syncing: p.syncing, ChainID: p.chainID}
	tape := tapeOf(ctx)
	err := p.observe(ctx, slow, &o)
	o.Latency = o.At.Sub(asked)
	if p.verified = err == nil; !p.verified {
		o = headwatch.Observation{At: o.At, Latency: o.Latency, ChainID: o.ChainID, Err: p.wire.secrets.fault(err)}
	}
	o.Date, o.Expires = p.wire.server.date, p.wire.server.expires
	if !p.verified {
		tape.failed(asked, o, p.kind.head)
		return o
	}
	tape.answered(asked, o.At)
	p.chainID, p.syncing = o.ChainID, o.Syncing
	return o
}

func (p *httpProber) observe(ctx context.Context, slow bool, o *headwatch.Observation) error {
	questions := make([]question, 0, 2+len(p.kind.slow))
	if !p.verified {
		o.ChainID = 0
		questions = append(questions, p.kind.chain)
	}
	questions = append(questions, p.kind.head)
	stages := p.kind.stages
	if slow || p.syncing { // a node that has caught up has its vote back at the next look
		questions = append(questions, p.kind.slow...)
		if stages != nil {
			questions = append(questions, stages.questions()...)
		}
	} else {
		stages = nil
	}
	if slow {
		questions = append(questions, dueAccount(p.accounts, time.Now())...)
	}
	if number := p.wanted.Load(); number != 0 {
		questions = append(questions, askPast(number))
	}
	p.wire.fresh.Store(false)
	p.wire.server = server{}
	if err := p.ask(ctx, questions, o); err != nil {
		return err
	}
	if stages != nil {
		stages.take(o)
	}
	if p.wire.fresh.Load() && p.verified {
		// The answer came over a new connection, perhaps from another node: it is believed once that has said who it is.
		return p.ask(ctx, []question{p.kind.chain}, o)
	}
	return nil
}

// ask puts questions in one request and takes the answers into an observation.
func (p *httpProber) ask(ctx context.Context, questions []question, into *headwatch.Observation) error {
	answers := make([]json.RawMessage, len(questions))
	batch := make([]rpc.BatchElem, len(questions))
	for i, q := range questions {
		batch[i] = rpc.BatchElem{Method: q.method, Args: q.args(), Result: &answers[i]}
	}
	err := p.send(ctx, batch)
	into.At = time.Now()
	if err != nil {
		return err
	}
	for i, q := range questions {
		err := batch[i].Error
		if err == nil {
			err = decodeAnswer(p.chain, q.method, q.params, answers[i], into)
		} else if q.optional && p.wire.secrets.fault(err).Kind == headwatch.FaultRPCError {
			err = nil
		}
		if err != nil {
			return err
		}
		if batch[i].Error == nil {
			tapeOf(ctx).hold(q, answers[i])
		}
	}
	return nil
}

// send fills in a batch. One question goes without the form of a batch, which some providers count or refuse. A quota
// that is used up concerns the whole request, whichever of its answers says so. After a batch was refused as a whole, which
// is told as the fault that it is, questions go one by one.
func (p *httpProber) send(ctx context.Context, batch []rpc.BatchElem) (err error) {
	if p.client == nil {
		// A key without a value is not sent. It lets net/http repeat a question on a new connection when the provider
		// closes an idle one at that very moment.
		again := rpc.WithHeaders(http.Header{"Idempotency-Key": nil})
		if p.client, err = rpc.DialOptions(ctx, p.url.Reveal(), rpc.WithHTTPClient(&http.Client{Transport: p.wire}), again); err != nil {
			return err
		}
	}
	if len(batch) == 1 || p.singly {
		for i := range batch {
			batch[i].Error = p.client.CallContext(ctx, batch[i].Result, batch[i].Method, batch[i].Args...)
		}
	} else if err := p.client.BatchCallContext(ctx, batch); err != nil {
		kind := p.wire.secrets.fault(err).Kind
		p.singly = kind == headwatch.FaultRPCError || kind == headwatch.FaultHTTPStatus
		return err
	}
	for i := range batch {
		if err := batch[i].Error; err != nil && p.wire.secrets.fault(err).Kind == headwatch.FaultRateLimited {
			return err
		}
	}
	return nil
}

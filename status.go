package headwatch

import "time"

// EndpointStatus is what is known of one endpoint, for status pages and metrics.
type EndpointStatus struct {
	Name      string        `json:"name"`
	Host      string        `json:"host"` // never the URL: it may hold a key
	Head      *Head         `json:"head,omitempty"`
	Safe      *Head         `json:"safe,omitempty"`
	Proven    *Head         `json:"proven,omitempty"`
	Finalized *Head         `json:"finalized,omitempty"`
	Advanced  time.Time     `json:"advanced,omitzero"` // when its unsafe head last rose here
	Heard     time.Time     `json:"heard,omitzero"`    // last good answer
	Latency   time.Duration `json:"latency_ns"`
	Fault     FaultKind     `json:"fault,omitempty"` // of the last answer; empty when it was good
	Vote      Vote          `json:"vote"`
	Operator  string        `json:"operator,omitempty"` // who runs it; its votes count once for the quorum
	Every     time.Duration `json:"every_ns"`           // how long until its next answer is due while all is well; longer than its interval while it pushes or its budget slows it
	Usage     Usage         `json:"usage"`
}

// Usage is what an endpoint has cost since the process began.
type Usage struct {
	Requests uint64 `json:"requests"`         // HTTP requests and WebSocket messages sent
	Calls    uint64 `json:"calls"`            // JSON-RPC calls in them, and notifications received
	Sent     uint64 `json:"sent_bytes"`       // bodies, without headers
	Received uint64 `json:"received_bytes"`   // bodies, as they came
	Units    uint64 `json:"compute_units"`    // by the provider's own table; calls where none is known
	Today    uint64 `json:"today"`            // units of the running day, UTC
	Budget   uint64 `json:"budget,omitempty"` // units a day that are not to be exceeded; 0 for none
}

// ChainStatus is one chain as of its last assessment.
type ChainStatus struct {
	Assessment Assessment       `json:"assessment"`
	L1         string           `json:"l1,omitempty"`
	Endpoints  []EndpointStatus `json:"endpoints"`
}

// HookStatus is what is known of one hook, for status pages and metrics.
type HookStatus struct {
	Name     string    `json:"name"`
	Kind     string    `json:"kind"`
	Mode     string    `json:"mode"`
	Circuits []string  `json:"circuits"`           // that fire it
	Chain    string    `json:"chain,omitempty"`    // on which it acts; empty when it acts on none
	Ready    *bool     `json:"ready,omitempty"`    // whether it would work if it had to fire now; nil when it cannot be, or was not yet, tried
	Why      string    `json:"why,omitempty"`      // it is not ready: all that is wrong, on one line
	Since    time.Time `json:"since,omitzero"`     // of the first trial since Ready is what it is
	Checked  time.Time `json:"checked,omitzero"`   // the newest trial
	Incident bool      `json:"incident,omitempty"` // its circuits are told when it is not ready
}

// WatchdogStatus is what headwatch knows of itself, as of its last look.
type WatchdogStatus struct {
	Assessment Assessment        `json:"assessment"` // its findings are of the WatchdogConditions
	Heartbeats []HeartbeatStatus `json:"heartbeats"`
	Peers      []PeerStatus      `json:"peers"`
}

// HeartbeatStatus is what became of the signs of life that are sent to one place outside.
type HeartbeatStatus struct {
	Name    string        `json:"name"`
	Kind    string        `json:"kind"`
	Host    string        `json:"host"` // never the URL: who has it can send the same
	Every   time.Duration `json:"every_ns"`
	Sent    uint64        `json:"sent"`                    // accepted since the start, of any sort
	Failed  uint64        `json:"failed"`                  // given up since the start, after all attempts
	Last    time.Time     `json:"last,omitzero"`           // when a success was last accepted
	Failing time.Time     `json:"failing,omitzero"`        // the first failure since the last that was accepted; zero while they are
	Error   string        `json:"error,omitempty"`         // of the newest failure, while they fail
	Unwell  []string      `json:"held_back_for,omitempty"` // why no success is sent now
}

// PeerStatus is what is seen of another headwatch.
type PeerStatus struct {
	Name     string        `json:"name"`
	Host     string        `json:"host"`
	Limit    time.Duration `json:"limit_ns"`        // unseen for longer it is silent
	Seen     time.Time     `json:"seen,omitzero"`   // when all its leases had last moved on; zero when never
	Circuits int           `json:"circuits"`        // as of its last good answer
	Error    string        `json:"error,omitempty"` // of the newest question; empty when it was answered well
}

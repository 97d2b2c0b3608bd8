package headwatch

// Condition names one thing that can be wrong. The table in package watcher says what each means and what to do.
type Condition string

// Conditions.
const (
	UnsafeHeadStalled       Condition = "unsafe_head_stalled"
	UnsafeHeadSlow          Condition = "unsafe_head_slow"
	UserTxsMissing          Condition = "user_txs_missing"
	SafeHeadStalled         Condition = "safe_head_stalled"
	ProvenHeadStalled       Condition = "proven_head_stalled"
	FinalizedHeadStalled    Condition = "finalized_head_stalled"
	L1HeadStalled           Condition = "l1_head_stalled"
	L1OriginDrift           Condition = "l1_origin_drift"
	SequencingWindowClosing Condition = "sequencing_window_closing"
	Reorg                   Condition = "reorg"
	APIStale                Condition = "api_stale"
	Fork                    Condition = "fork"
	BatcherSilent           Condition = "batcher_silent"
	BatcherLowFunds         Condition = "batcher_low_funds"
	Blind                   Condition = "blind"
	ClockSkew               Condition = "clock_skew"
	WrongChain              Condition = "wrong_chain"
	EndpointUnreachable     Condition = "endpoint_unreachable"
	EndpointLagging         Condition = "endpoint_lagging"
	CertificateExpiring     Condition = "certificate_expiring"
	HookNotReady            Condition = "hook_not_ready"

	// Of headwatch itself; see WatchdogConditions.
	ChannelFailing   Condition = "channel_failing"
	JournalFailing   Condition = "journal_failing"
	LoopStuck        Condition = "loop_stuck"
	PeerSilent       Condition = "peer_silent"
	HeartbeatFailing Condition = "heartbeat_failing"
	Restarted        Condition = "restarted"
)

// WatchdogConditions lists the conditions of headwatch itself, which hold on no chain: the circuit that is named after the
// Watchdog tells of them, and no other circuit does. The Endpoint of their findings is the channel, the chain, the peer or the
// heartbeat that they are about.
func WatchdogConditions() []Condition {
	return []Condition{ChannelFailing, JournalFailing, LoopStuck, PeerSilent, HeartbeatFailing, Restarted}
}

// Conditions lists every condition that can hold on a chain, in the order of docs/conditions.md: those of the whole chain first,
// then those of our own sight and of single endpoints.
func Conditions() []Condition {
	return []Condition{
		UnsafeHeadStalled, UnsafeHeadSlow, UserTxsMissing, SafeHeadStalled, ProvenHeadStalled, FinalizedHeadStalled,
		L1HeadStalled, L1OriginDrift, SequencingWindowClosing, Reorg, APIStale, Fork, BatcherSilent, BatcherLowFunds,
		Blind, ClockSkew, WrongChain, EndpointUnreachable, EndpointLagging, CertificateExpiring, HookNotReady,
	}
}

// Hint says where the cause of a verdict most likely lies. It steers people, and trips nothing.
type Hint string

// Hints.
const (
	HintUnsafe    Hint = "unsafe_only"     // the sequencer: the safe head goes on as far as it can
	HintSafe      Hint = "safe_only"       // the batcher or the derivation: the unsafe head goes on
	HintBoth      Hint = "unsafe_and_safe" // both stand
	HintThrottled Hint = "safe_lag"        // the unsafe head may be held back on purpose, because the safe head is too far behind
	HintEmpty     Hint = "empty_blocks"    // blocks come without users' transactions
	HintAPI       Hint = "api_only"        // the API is down, the chain lives
	HintProvider  Hint = "one_provider"    // one endpoint, the others are well
	HintOperator  Hint = "one_operator"    // all endpoints of one operator, the others are well
	HintL1        Hint = "l1"              // the layer 1 stands still
	HintUs        Hint = "us"              // our own network, clock or machine
)

package watcher

import "headwatch"

// OwnRules is every condition of headwatch itself. No chain is judged by them; they stand beside the others so that people find
// all advice in one place.
var OwnRules = []Rule{
	{
		headwatch.ChannelFailing, tells,
		"A hook or an alert channel has not taken a notice for a while, or has refused its newest one for good.",
		"Mend the channel (its key, its URL, the receiver's own status): what waits is delivered by itself then; until it is mended people hear of incidents on the other channels alone.",
	},
	{
		headwatch.JournalFailing, tells,
		"The journal does not take decisions: they are told directly and are not on record, and hooks do not fire.",
		"Look at the disk of journal.dir, or at the servers of journal.url, at once: while it lasts no hook fires by itself, so be ready to pause by hand.",
	},
	{
		headwatch.LoopStuck, tells,
		"A chain has not been assessed for more than 10 s: headwatch does not watch it.",
		"Look at the load of the machine and at the log, and restart headwatch; watch the chain by hand until then.",
	},
	{
		headwatch.PeerSilent, tells,
		"The other headwatch does not answer, or its leases have ceased to move on.",
		"Look whether the other one runs and whether the network between the two does; start it again, because nobody watches this one meanwhile.",
	},
	{
		headwatch.HeartbeatFailing, tells,
		"No sign of life has reached a heartbeat's receiver for more than three of its intervals.",
		"Check the receiver's status, the URL, and this machine's way out; the receiver will soon report headwatch as dead.",
	},
	{
		headwatch.Restarted, tells,
		"headwatch started after a stop that was not a clean one: a crash, a kill, a machine that went away. Nobody watched in between.",
		"Look up what the chains did meanwhile, and find out why it stopped: the log of the service manager, memory, power.",
	},
}

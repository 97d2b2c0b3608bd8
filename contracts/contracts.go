// Package contracts holds the compiled contracts of this repository: the uptime feed, and those that the devnet runs. It is
// generated from the Solidity sources beside it by `make contracts`, and knows nothing of chains.
package contracts

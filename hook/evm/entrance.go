package evm

import (
	"context"
	"fmt"

	"github.com/ethereum/go-ethereum/common"

	"headwatch/config"
)

// entrance gives the contract on L1 through which calls get to the chain: the configured portal or inbox, or the portal that its
// rollup endpoints name, which is asked for once: on the worst day they may not answer.
func (s *Nodes) entrance(ctx context.Context) (common.Address, error) {
	if s.chain.Kind == config.KindArbitrum {
		return common.HexToAddress(s.chain.Inbox), nil
	}
	s.mu.Lock()
	portal := s.portal
	s.mu.Unlock()
	if portal != (common.Address{}) {
		return portal, nil
	}
	rollups := make([]Ask, len(s.rollups))
	for i, n := range s.rollups {
		rollups[i] = n.get
	}
	portal, err := Portal(ctx, &s.chain, rollups...)
	if err != nil {
		return portal, err
	}
	s.mu.Lock()
	s.portal = portal
	s.mu.Unlock()
	return portal, nil
}

// enterable reports what a chain lacks to be entered from its L1.
func (s *Nodes) enterable() error {
	switch c := s.chain; {
	case c.Kind == config.KindOPStack && c.Portal == "" && len(s.rollups) == 0:
		return fmt.Errorf("chain %s has no portal: set it, or add an endpoint that serves rollup", c.Name)
	case c.Kind == config.KindArbitrum && c.Inbox == "":
		return fmt.Errorf("chain %s has no inbox: set it", c.Name)
	case c.Kind != config.KindOPStack && c.Kind != config.KindArbitrum:
		return fmt.Errorf("chain %s is of kind %s: only op-stack and arbitrum take calls through L1", c.Name, c.Kind)
	}
	return nil
}

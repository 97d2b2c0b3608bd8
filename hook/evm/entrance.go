package evm

import (
	"context"

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
	portal, err := Portal(ctx, &s.chain, s.rollupAsks()...)
	if err != nil {
		return portal, err
	}
	s.mu.Lock()
	s.portal = portal
	s.mu.Unlock()
	return portal, nil
}

// disputed says that the rollup endpoints of the chain deny its configured portal; nil when they do not.
func (s *Nodes) disputed(ctx context.Context) error {
	return PortalDisputed(ctx, &s.chain, s.rollupAsks()...)
}

func (s *Nodes) rollupAsks() []Ask {
	asks := make([]Ask, len(s.rollups))
	for i, n := range s.rollups {
		asks[i] = n.get
	}
	return asks
}

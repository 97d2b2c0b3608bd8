package evm

import (
	"context"
	"errors"
	"fmt"

	"github.com/ethereum/go-ethereum/common"

	"headwatch/config"
)

// Ask makes one call of an endpoint of a chain. It is bounded, and its errors name the endpoint and never its URL.
type Ask func(ctx context.Context, into any, method string, args ...any) error

// Portal gives the portal through which deposits get to an OP Stack chain: the configured one, or else the one that the chain's
// rollup endpoints name. A configured one is returned at once, even if they name another, for on the worst day nobody may be
// there to ask: see PortalDisputed.
func Portal(ctx context.Context, c *config.Chain, rollups ...Ask) (common.Address, error) {
	if c.Portal != "" {
		return common.HexToAddress(c.Portal), nil
	}
	if c.Kind != config.KindOPStack {
		return common.Address{}, fmt.Errorf("chain %s is %s: it has no portal", c.Name, c.Kind)
	}
	named, err := namedPortal(ctx, c, rollups)
	if err != nil {
		return common.Address{}, fmt.Errorf("find the portal of %s: %w", c.Name, err)
	}
	return named, nil
}

// PortalDisputed says that the rollup endpoints of a chain name another portal than the configured one; nil when they agree, when
// none of them answers, and when none is configured.
func PortalDisputed(ctx context.Context, c *config.Chain, rollups ...Ask) error {
	if c.Portal == "" {
		return nil
	}
	named, err := namedPortal(ctx, c, rollups)
	if configured := common.HexToAddress(c.Portal); err == nil && named != configured {
		return fmt.Errorf("the portal of %s is configured as %s, and its rollup endpoints say %s", c.Name, configured, named)
	}
	return nil
}

// namedPortal gives what all rollup endpoints that answer agree on (deposit_contract_address of op-node's rollup.Config).
func namedPortal(ctx context.Context, c *config.Chain, rollups []Ask) (common.Address, error) {
	var found common.Address
	var errs []error
	for _, ask := range rollups {
		var rollup struct {
			ChainID uint64         `json:"l2_chain_id"`
			Portal  common.Address `json:"deposit_contract_address"`
		}
		switch err := ask(ctx, &rollup, "optimism_rollupConfig"); {
		case err != nil:
			errs = append(errs, err)
		case rollup.ChainID != c.ChainID:
			errs = append(errs, fmt.Errorf("a rollup endpoint is of chain %d", rollup.ChainID))
		case rollup.Portal == common.Address{}:
			errs = append(errs, errors.New("a rollup endpoint names none"))
		case found != common.Address{} && found != rollup.Portal:
			return common.Address{}, fmt.Errorf("its rollup endpoints do not agree: %s and %s", found, rollup.Portal)
		default:
			found = rollup.Portal
		}
	}
	switch {
	case found != common.Address{}:
		return found, nil
	case len(errs) > 0:
		return common.Address{}, errors.Join(errs...)
	}
	return common.Address{}, errors.New("set portal, or add an endpoint that serves rollup")
}

package evm

import (
	"context"
	"errors"
	"fmt"
	"math/big"

	"github.com/ethereum/go-ethereum/common"
	"golang.org/x/sync/errgroup"
)

// aaveV3 calls the PoolConfigurator, whose pauses are for emergency admins and pool admins; a pool's pause is one of each of
// its reserves, and what is read back is the bit of each in the Pool. The configurator does not say which pool is its own,
// so read_to does; that the two belong together is part of the check. The grace period counts only when a pause ends, for
// liquidations. (aave-dao/aave-v3-origin, src/contracts/protocol/pool/PoolConfigurator.sol, libraries/configuration/
// ReserveConfiguration.sol.)
var aaveV3 = preset{
	name:   "aave-v3",
	pauses: "a pool, or one reserve: nothing goes in, out, or into liquidation",
	who:    "an emergency admin or a pool admin",
	patterns: []pattern{
		{call: "setPoolPause(bool,uint40)", args: []string{"true", "14400"}, resume: "setPoolPause(bool,uint40)", resumeArgs: []string{"false", "$2"}},
		{call: "setPoolPause(bool)", args: []string{"true"}, resume: "setPoolPause(bool)", resumeArgs: []string{"false"}},
		{call: "setReservePause(address,bool,uint40)", resume: "setReservePause(address,bool,uint40)", resumeArgs: []string{"$1", "false", "$3"}},
		{call: "setReservePause(address,bool)", resume: "setReservePause(address,bool)", resumeArgs: []string{"$1", "false"}},
	},
	special: func(m *maker) {
		if m.hook.ReadTo == "" && m.hook.Read == "" {
			m.fault("read_to", "read_to is missing", "preset aave-v3 reads the pause back from the Pool: write its address")
			return
		}
		if m.hook.ReadTo == "" {
			return
		}
		p := aavePool{configurator: m.to, pool: m.readTo}
		if asset := m.fill("$1"); common.IsHexAddress(asset) {
			p.asset = asset
		}
		m.effect.check = p.check
		if m.hook.Read == "" {
			m.effect.holds = p.paused
		}
	},
}

type aavePool struct {
	configurator, pool common.Address
	asset              string // the one reserve that is paused; "" for all
}

// pausedBit is the place of the pause in a reserve's configuration.
const pausedBit = 60

// paused reports whether all reserves are.
func (p aavePool) paused(ctx context.Context, r Reader) (bool, error) {
	assets := []string{p.asset}
	if p.asset == "" {
		list, err := look(ctx, r, p.pool, "getReservesList()(address[])")
		if err != nil {
			return false, err
		}
		if assets, err = items(list[0]); err != nil || len(assets) == 0 {
			return false, errors.Join(fmt.Errorf("%s has no reserves", p.pool), err)
		}
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(8)
	for _, asset := range assets {
		g.Go(func() error {
			bits, err := look(ctx, r, p.pool, "getConfiguration(address)(uint256)", asset)
			if err != nil {
				return err
			}
			if n, ok := new(big.Int).SetString(bits[0], 10); !ok || n.Bit(pausedBit) == 0 {
				return errNotPaused
			}
			return nil
		})
	}
	err := g.Wait()
	if errors.Is(err, errNotPaused) {
		return false, nil
	}
	return err == nil, err
}

var errNotPaused = errors.New("not paused")

func (p aavePool) check(ctx context.Context, r Reader, sender common.Address) error {
	provider, err := p.ask(ctx, r, p.pool, "ADDRESSES_PROVIDER")
	if err != nil {
		return err
	}
	configurator, err := p.ask(ctx, r, provider, "getPoolConfigurator")
	if err != nil {
		return err
	}
	if configurator != p.configurator {
		return fmt.Errorf("%s is not the PoolConfigurator of the pool %s, %s is", p.configurator, p.pool, configurator)
	}
	roles, err := p.ask(ctx, r, provider, "getACLManager")
	if err != nil {
		return err
	}
	for _, role := range []string{"isEmergencyAdmin(address)", "isPoolAdmin(address)"} {
		if is, err := look(ctx, r, roles, role, sender.Hex()); err != nil || is[0] == "true" {
			return err
		}
	}
	return fmt.Errorf("%s is neither emergency admin nor pool admin of the pool %s", sender, p.pool)
}

// ask reads an address.
func (p aavePool) ask(ctx context.Context, r Reader, of common.Address, function string) (common.Address, error) {
	values, err := look(ctx, r, of, function+"()(address)")
	if err != nil {
		return common.Address{}, err
	}
	return common.HexToAddress(values[0]), nil
}

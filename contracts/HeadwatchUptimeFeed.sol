// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

import {Ownable, Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {AggregatorV2V3Interface} from "./AggregatorV2V3Interface.sol";

/// @title An uptime feed of an L2's sequencer, driven by a headwatch through L1
/// @notice Answers 0 while the sequencer is up and 1 while it is down, like Chainlink's L2 sequencer uptime feeds, whose
///         rules, errors and events this contract follows (BaseSequencerUptimeFeed in smartcontractkit/chainlink-evm). Two
///         things are its own:
///
///         1. A lease. An "up" that was not refreshed for `lease` seconds of chain time is no longer said: the feed then
///            answers 1, since the end of the lease, in a round of its own. So a watchdog that died is never taken for a
///            chain that lives. A "down" does not expire.
///         2. It begins down, and is up after the updater's first message.
///
///         startedAt is when the status changed, by L1's clock, as the message says. updatedAt is the L2 block.timestamp of
///         the last message. While an OP Stack chain back-fills the blocks that it missed, block.timestamp is in the past
///         and may be less than startedAt: a consumer must not subtract before it has compared.
/// @dev A message comes as a deposit from L1. The msg.sender of a deposit made by an externally owned account is that
///      account; of one made by a contract, such as a Safe, it is the contract's address plus a constant: see `aliasOf`.
///      Anything sent on L2 itself by the same account is taken as well, but would wait for the sequencer.
contract HeadwatchUptimeFeed is AggregatorV2V3Interface, Ownable2Step {
    struct Round {
        uint80 id;
        uint64 startedAt;
        uint64 updatedAt;
        bool down;
    }

    /// @notice The sender is not the updater, or not the one who was proposed.
    error InvalidSender();
    /// @notice There is no such round.
    error NoDataPresent();
    /// @notice The message's time is more than MAX_AHEAD after the chain's: it would make all that follow stale.
    error TimestampTooFarAhead(uint64 timestamp, uint64 limit);
    /// @notice A lease of no seconds would never be held, and one above MAX_LEASE would not protect.
    error InvalidLease(uint64 lease);

    /// @notice A message was older than the status that stands.
    event UpdateIgnored(bool latestStatus, uint64 latestTimestamp, bool incomingStatus, uint64 incomingTimestamp);
    /// @notice A message confirmed the status that stands, and renewed the lease.
    event RoundUpdated(int256 status, uint64 updatedAt);
    event UpdaterProposed(address indexed updater, address indexed proposed);
    event UpdaterChanged(address indexed from, address indexed to);

    uint8 public constant decimals = 0;
    string public constant description = "L2 Sequencer Uptime Status Feed";
    uint256 public constant version = 1;
    string public constant typeAndVersion = "HeadwatchUptimeFeed 1.0.0";

    uint64 public constant MAX_AHEAD = 1 days;
    uint64 public constant MAX_LEASE = 7 days;
    /// @dev AddressAliasHelper of the OP Stack and of Arbitrum.
    uint160 private constant ALIAS_OFFSET = uint160(0x1111000000000000000000000000000000001111);

    /// @notice Seconds of chain time for which an "up" is believed after the last message.
    uint64 public immutable lease;
    /// @notice Who may call updateStatus: the address as it arrives on L2. The zero address disables the feed.
    address public updater;
    address public pendingUpdater;

    Round private _latest;
    mapping(uint80 id => Round) private _rounds;

    /// @param owner_ May propose updaters, and nothing else.
    /// @param updater_ As it arrives on L2: an externally owned account's own address, `aliasOf` a contract's.
    /// @param lease_ Seconds, at least three times the interval at which the updater refreshes.
    constructor(address owner_, address updater_, uint64 lease_) Ownable(owner_) {
        if (lease_ == 0 || lease_ > MAX_LEASE) revert InvalidLease(lease_);
        lease = lease_;
        updater = updater_;
        emit UpdaterChanged(address(0), updater_);
        _record(true, uint64(block.timestamp), uint64(block.timestamp), msg.sender);
    }

    /// @notice The address as which a contract of L1 arrives on L2.
    function aliasOf(address l1Contract) external pure returns (address) {
        unchecked {
            return address(uint160(l1Contract) + ALIAS_OFFSET);
        }
    }

    // ------------------------------------------------------------------------------------------------ the updater's

    /// @notice Says what the sequencer's status is.
    /// @param status true while it is down
    /// @param timestamp L1 time at which this was so: the timestamp of the L1 block that the updater saw
    function updateStatus(bool status, uint64 timestamp) external {
        if (msg.sender != updater) revert InvalidSender();
        uint64 limit = uint64(block.timestamp) + MAX_AHEAD;
        if (timestamp > limit) revert TimestampTooFarAhead(timestamp, limit);

        Round memory stands = _latest;
        if (timestamp < stands.startedAt) {
            emit UpdateIgnored(stands.down, stands.startedAt, status, timestamp);
            return;
        }
        if (_lapsed(stands)) {
            // The round that readers saw since the end of the lease becomes one for good.
            uint64 end = _end(stands);
            _record(true, end, stands.updatedAt, address(this));
            stands = _latest;
            if (timestamp < end) timestamp = end;
        }
        if (status != stands.down) {
            _record(status, timestamp, uint64(block.timestamp), msg.sender);
            return;
        }
        _latest.updatedAt = uint64(block.timestamp);
        _rounds[stands.id].updatedAt = uint64(block.timestamp);
        emit RoundUpdated(_answer(status), uint64(block.timestamp));
    }

    /// @notice Takes the updater's place. It is called in the same way as updateStatus will be, so it proves the way.
    function acceptUpdater() external {
        if (msg.sender != pendingUpdater) revert InvalidSender();
        emit UpdaterChanged(updater, msg.sender);
        updater = msg.sender;
        pendingUpdater = address(0);
    }

    // -------------------------------------------------------------------------------------------------- the owner's

    /// @notice Proposes another updater, as it arrives on L2. The one before stays until this one accepts.
    function proposeUpdater(address proposed) external onlyOwner {
        pendingUpdater = proposed;
        emit UpdaterProposed(updater, proposed);
    }

    /// @notice Takes the updater's right away at once, for a key that was lost. The feed is down when its lease has ended.
    function revokeUpdater() external onlyOwner {
        emit UpdaterChanged(updater, address(0));
        updater = address(0);
    }

    // ------------------------------------------------------------------------------------------------- the readers'

    /// @notice Until when the last message is believed: it no longer is at this second.
    function leaseUntil() external view returns (uint256) {
        return _end(_latest);
    }

    /// @notice Whether nobody has refreshed the feed in time, whatever its status.
    function leaseExpired() external view returns (bool) {
        return block.timestamp >= _end(_latest);
    }

    function latestRoundData()
        external
        view
        returns (uint80 id, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound)
    {
        return _data(_now());
    }

    function getRoundData(uint80 roundId)
        external
        view
        returns (uint80 id, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound)
    {
        return _data(_round(roundId));
    }

    function latestAnswer() external view returns (int256) {
        return _answer(_now().down);
    }

    /// @notice When the status changed, as in Chainlink's feeds: not when it was updated.
    function latestTimestamp() external view returns (uint256) {
        return _now().startedAt;
    }

    function latestRound() external view returns (uint256) {
        return _now().id;
    }

    function getAnswer(uint256 roundId) external view returns (int256) {
        return _answer(_round(roundId).down);
    }

    function getTimestamp(uint256 roundId) external view returns (uint256) {
        return _round(roundId).startedAt;
    }

    // -------------------------------------------------------------------------------------------------------- inside

    function _record(bool down, uint64 startedAt, uint64 updatedAt, address startedBy) private {
        uint80 id = _latest.id + 1;
        _latest = Round({id: id, startedAt: startedAt, updatedAt: updatedAt, down: down});
        _rounds[id] = _latest;
        emit NewRound(id, startedBy, startedAt);
        emit AnswerUpdated(_answer(down), id, startedAt);
    }

    /// @dev The end of the lease that came with a round's last message.
    function _end(Round memory round) private view returns (uint64) {
        return round.updatedAt + lease;
    }

    function _lapsed(Round memory round) private view returns (bool) {
        return !round.down && block.timestamp >= _end(round);
    }

    /// @dev The round that stands now: the one that the end of a lease began, if one did.
    function _now() private view returns (Round memory round) {
        round = _latest;
        if (_lapsed(round)) {
            round = Round({id: round.id + 1, startedAt: _end(round), updatedAt: round.updatedAt, down: true});
        }
    }

    function _round(uint256 roundId) private view returns (Round memory) {
        Round memory latest = _now();
        if (roundId == 0 || roundId > latest.id) revert NoDataPresent();
        return roundId == latest.id ? latest : _rounds[uint80(roundId)];
    }

    function _data(Round memory round) private pure returns (uint80, int256, uint256, uint256, uint80) {
        return (round.id, _answer(round.down), round.startedAt, round.updatedAt, round.id);
    }

    function _answer(bool down) private pure returns (int256) {
        return down ? int256(1) : int256(0);
    }
}

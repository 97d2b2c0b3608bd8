// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

import {AggregatorV2V3Interface} from "../AggregatorV2V3Interface.sol";

/// @title The sequencer check of a lending market, as an example
/// @notice Refuses what needs fresh prices while the sequencer is down and for a grace period after, in which users may
///         mend their positions. It works with HeadwatchUptimeFeed and with Chainlink's feeds.
contract GracePeriodConsumer {
    error SequencerDown();
    error GracePeriodNotOver(uint256 startedAt, uint256 gracePeriod);

    AggregatorV2V3Interface public immutable feed;
    uint256 public immutable gracePeriod;

    /// @notice How often something was liquidated, to have something that the check protects.
    uint256 public liquidations;

    constructor(AggregatorV2V3Interface feed_, uint256 gracePeriod_) {
        feed = feed_;
        gracePeriod = gracePeriod_;
    }

    /// @notice Reverts unless the sequencer has been up for longer than the grace period.
    function requireSequencerUp() public view {
        (, int256 answer, uint256 startedAt,,) = feed.latestRoundData();
        if (answer != 0) revert SequencerDown();
        // 0 is a feed without a first message (Arbitrum). While a chain back-fills, its time can be before startedAt: the
        // comparison comes first, as the subtraction would revert without a reason.
        if (startedAt == 0 || block.timestamp <= startedAt || block.timestamp - startedAt <= gracePeriod) {
            revert GracePeriodNotOver(startedAt, gracePeriod);
        }
    }

    function liquidate() external {
        requireSequencerUp();
        liquidations++;
    }
}

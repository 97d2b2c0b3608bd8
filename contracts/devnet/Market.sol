// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

import {AccessControl} from "@openzeppelin/contracts/access/AccessControl.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";

/// @title A market that can be paused, for the devnet
/// @notice Whoever has PAUSER_ROLE may pause it, and nothing else; only the admin may resume. That is how a role for a
///         watchdog should be cut.
contract Market is Pausable, AccessControl {
    bytes32 public constant PAUSER_ROLE = keccak256("PAUSER_ROLE");

    /// @notice Trades of each user, and of all.
    mapping(address user => uint256) public trades;
    uint256 public total;

    event Traded(address indexed user, uint256 count);

    constructor(address admin, address pauser) {
        _grantRole(DEFAULT_ADMIN_ROLE, admin);
        _grantRole(PAUSER_ROLE, pauser);
    }

    function pause() external onlyRole(PAUSER_ROLE) {
        _pause();
    }

    function unpause() external onlyRole(DEFAULT_ADMIN_ROLE) {
        _unpause();
    }

    function trade() external whenNotPaused {
        total++;
        emit Traded(msg.sender, ++trades[msg.sender]);
    }
}

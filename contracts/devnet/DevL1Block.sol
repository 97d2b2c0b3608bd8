// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

/// @title What an L2 of the devnet knows of L1
/// @notice Getters and slots of the OP Stack's L1Block predeploy, with the encoding of Bedrock. The real one lets only the
///         depositor account 0xdead...0001 write, which has no key: the devnet's system account signs instead, and this
///         contract takes the values from anybody. It must never be deployed anywhere else.
contract DevL1Block {
    uint64 public number;
    uint64 public timestamp;
    uint256 public basefee;
    bytes32 public hash;
    uint64 public sequenceNumber;
    bytes32 public batcherHash;
    uint256 public l1FeeOverhead;
    uint256 public l1FeeScalar;

    /// @dev Selector 015d8eb9.
    function setL1BlockValues(
        uint64 number_,
        uint64 timestamp_,
        uint256 basefee_,
        bytes32 hash_,
        uint64 sequenceNumber_,
        bytes32 batcherHash_,
        uint256 l1FeeOverhead_,
        uint256 l1FeeScalar_
    ) external {
        number = number_;
        timestamp = timestamp_;
        basefee = basefee_;
        hash = hash_;
        sequenceNumber = sequenceNumber_;
        batcherHash = batcherHash_;
        l1FeeOverhead = l1FeeOverhead_;
        l1FeeScalar = l1FeeScalar_;
    }
}

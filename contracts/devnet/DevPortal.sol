// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

/// @title The deposit half of an OptimismPortal, for the devnet
/// @notice Takes deposits under the rules of the real portal (OptimismPortal2 and ResourceMetering in
///         ethereum-optimism/optimism), with the same event, errors, minimum gas, aliasing and metering, so that a client
///         cannot tell the difference. There are no withdrawals, and nobody gets out the ether that is put in: it must never
///         be deployed on a chain with real money.
/// @dev It works from empty storage, so a genesis needs its code alone.
contract DevPortal {
    struct ResourceParams {
        uint128 prevBaseFee;
        uint64 prevBoughtGas;
        uint64 prevBlockNum;
    }

    error OptimismPortal_BadTarget();
    error OptimismPortal_GasLimitTooLow();
    error OptimismPortal_CalldataTooLarge();
    error OutOfGas();

    event TransactionDeposited(address indexed from, address indexed to, uint256 indexed version, bytes opaqueData);

    string public constant version = "0.0.0-devnet";
    uint256 private constant DEPOSIT_VERSION = 0;
    uint64 private constant RECEIVE_GAS_LIMIT = 100_000;

    // The standard ResourceConfig.
    uint256 private constant MAX_RESOURCE_LIMIT = 20_000_000;
    uint256 private constant TARGET_RESOURCE_LIMIT = MAX_RESOURCE_LIMIT / 10;
    uint256 private constant MAX_CHANGE_DENOMINATOR = 8;
    uint256 private constant MINIMUM_BASE_FEE = 1 gwei;

    ResourceParams public params;

    receive() external payable {
        depositTransaction(msg.sender, msg.value, RECEIVE_GAS_LIMIT, false, "");
    }

    /// @notice Whether withdrawals are paused. There are none, and a pause of the real portal does not stop deposits either.
    function paused() external pure returns (bool) {
        return false;
    }

    /// @notice The least gas limit for this many bytes of calldata.
    function minimumGasLimit(uint64 byteCount) public pure returns (uint64) {
        return byteCount * 40 + 21_000;
    }

    /// @notice Puts a call into the first L2 block of the epoch of this L1 block.
    function depositTransaction(address to, uint256 value, uint64 gasLimit, bool isCreation, bytes memory data)
        public
        payable
    {
        uint256 initialGas = gasleft();
        if (isCreation && to != address(0)) revert OptimismPortal_BadTarget();
        if (gasLimit < minimumGasLimit(uint64(data.length))) revert OptimismPortal_GasLimitTooLow();
        if (data.length > 120_000) revert OptimismPortal_CalldataTooLarge();

        address from = msg.sender;
        if (!_senderIsEOA()) {
            unchecked {
                from = address(uint160(from) + uint160(0x1111000000000000000000000000000000001111));
            }
        }
        emit TransactionDeposited(
            from, to, DEPOSIT_VERSION, abi.encodePacked(msg.value, value, gasLimit, isCreation, data)
        );
        _meter(gasLimit, initialGas);
    }

    /// @dev An account that delegates its code (EIP-7702) is still one that has a key.
    function _senderIsEOA() private view returns (bool) {
        if (msg.sender == tx.origin) return true;
        bytes memory code = msg.sender.code;
        return code.length == 23 && bytes3(code) == 0xef0100;
    }

    /// @dev The depositor pays for the L2 gas by burning L1 gas of the same worth.
    function _meter(uint64 amount, uint256 initialGas) private {
        uint256 baseFee = params.prevBaseFee;
        uint256 bought = params.prevBoughtGas;
        uint256 passed = block.number - params.prevBlockNum;
        if (passed > 0) {
            int256 excess = int256(bought) - int256(TARGET_RESOURCE_LIMIT);
            int256 change = int256(baseFee) * excess / int256(TARGET_RESOURCE_LIMIT * MAX_CHANGE_DENOMINATOR);
            baseFee = _atLeastMinimum(uint256(int256(baseFee) + change));
            // Each block without deposits takes an eighth off. It ends at the minimum, which is why this terminates.
            for (; passed > 1 && baseFee > MINIMUM_BASE_FEE; passed--) {
                baseFee = _atLeastMinimum(baseFee - baseFee / MAX_CHANGE_DENOMINATOR);
            }
            bought = 0;
        }
        bought += amount;
        if (bought > MAX_RESOURCE_LIMIT) revert OutOfGas();
        params = ResourceParams(uint128(baseFee), uint64(bought), uint64(block.number));

        uint256 price = block.basefee > 1 gwei ? block.basefee : 1 gwei;
        uint256 cost = amount * baseFee / price;
        uint256 used = initialGas - gasleft();
        if (cost > used) _burn(cost - used);
    }

    function _atLeastMinimum(uint256 baseFee) private pure returns (uint256) {
        return baseFee < MINIMUM_BASE_FEE ? MINIMUM_BASE_FEE : baseFee;
    }

    /// @dev Looks at an account that nobody has looked at, 2,600 gas a time: much gas, little work for the node. It burns up to
    ///      one such step too much.
    function _burn(uint256 amount) private view {
        uint256 initialGas = gasleft();
        uint256 sum;
        while (initialGas - gasleft() < amount) sum += address(uint160(gasleft())).balance;
    }
}

// Compiles the contracts of this directory into out/, one file each: ABI, bytecode, and what made them. Same sources, same
// output, byte for byte, on every machine.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);
const solc = require("solc");
const here = dirname(fileURLToPath(import.meta.url));

const contracts = {
  HeadwatchUptimeFeed: "HeadwatchUptimeFeed.sol",
  GracePeriodConsumer: "example/GracePeriodConsumer.sol",
  DevL1Block: "devnet/DevL1Block.sol",
  DevPortal: "devnet/DevPortal.sol",
  Market: "devnet/Market.sol",
};

const settings = {
  // Paris is the last version without PUSH0, which not every L2 executes.
  evmVersion: "paris",
  optimizer: { enabled: true, runs: 200 },
  // The hash of the metadata would change with every comment.
  metadata: { bytecodeHash: "none", appendCBOR: false },
};

const read = (path) => readFileSync(join(here, path), "utf8");

const input = {
  language: "Solidity",
  sources: Object.fromEntries(Object.values(contracts).map((path) => [path, { content: read(path) }])),
  settings: { ...settings, outputSelection: { "*": { "*": ["abi", "evm.bytecode.object", "evm.deployedBytecode.object"] } } },
};
const imported = (path) => ({ contents: read(path.startsWith("@") ? join("node_modules", path) : path) });
const output = JSON.parse(solc.compile(JSON.stringify(input), { import: imported }));
if (output.errors?.length) {
  output.errors.forEach((e) => console.error(e.formattedMessage));
  process.exit(1); // a warning too
}

rmSync(join(here, "out"), { recursive: true, force: true });
mkdirSync(join(here, "out"));
for (const [name, path] of Object.entries(contracts)) {
  const { abi, evm } = output.contracts[path][name];
  const compiled = {
    contract: `${path}:${name}`,
    compiler: solc.version(),
    openzeppelin: require("@openzeppelin/contracts/package.json").version,
    settings,
    abi,
    bytecode: "0x" + evm.bytecode.object,
    deployedBytecode: "0x" + evm.deployedBytecode.object,
  };
  writeFileSync(join(here, "out", `${name}.json`), JSON.stringify(compiled, null, 1) + "\n");
  console.log(`${name}: ${evm.deployedBytecode.object.length / 2} bytes`);
}

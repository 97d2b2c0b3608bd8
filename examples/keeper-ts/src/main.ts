// A bot that quotes only while headwatch says that its chain is well. It is an example, for copying: it needs Node alone, and a
// trading system in the place of printQuotes.
//
//   npm start -- --url http://127.0.0.1:9464 --circuit base-lending
//
// gate.ts holds the rule, client.ts two ways to hear leases.
import { parseArgs } from "node:util";
import { listen, poll, type Hear } from "./client.js";
import { Gate } from "./gate.js";
import { keep } from "./keeper.js";

const { values } = parseArgs({
  options: {
    url: { type: "string", default: "http://127.0.0.1:9464" },
    circuit: { type: "string" },
    skew: { type: "string", default: "2000" }, // milliseconds that our clock and headwatch's may differ
    poll: { type: "string", default: "0" }, // ask for the lease every so many milliseconds; 0: listen to the events
  },
});
const [skew, every] = [Number(values.skew), Number(values.poll)];
if (!values.circuit || !(skew >= 0) || !(every >= 0)) {
  console.error("usage: npm start -- --circuit NAME [--url URL] [--skew MILLISECONDS] [--poll MILLISECONDS]");
  process.exit(2);
}

/** Here a real bot places its quotes, or cancels all of them. */
function printQuotes(quoting: boolean, why: string): void {
  console.log(quoting ? "quoting" : `NOT quoting: ${why}`);
}

const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop.abort());
const source = { url: values.url, circuit: values.circuit, skew };
const hearing = (hear: Hear, until: AbortSignal): Promise<void> =>
  every > 0 ? poll(source, hear, until, every) : listen(source, hear, until);
await keep(new Gate(source.circuit, skew), hearing, printQuotes, stop.signal);

import assert from "node:assert/strict";
import { test } from "node:test";
import { Gate, type Message } from "../src/gate.js";

const start = Date.parse("2026-03-01T10:00:00Z");
const at = (seconds: number) => ({ wall: start + seconds * 1000, steady: 5000 + seconds * 1000 });

function lease(state: string, seq: number, end: number, circuit = "lending"): Message {
  const doc = { schema: "headwatch.signal/v1", circuit, state, seq, valid_until: new Date(start + end * 1000).toISOString() };
  return { kind: "lease", data: JSON.stringify(doc) };
}
const transition = (to: string, seq: number): Message => ({ kind: "transition", data: JSON.stringify({ circuit: "lending", to, seq }) });
const refusal: Message = { kind: "refusal", data: "headwatch answers 503" };

// What is heard, one a second from second 0 on; when it is asked; and a part of the refusal, "" for none.
const cases: Record<string, [Message[], number, string]> = {
  nothing: [[], 0, "no lease"],
  closed: [[lease("closed", 5, 30)], 1, ""],
  "closed, just before its end": [[lease("closed", 5, 30)], 27.9, ""],
  "closed, at its end less the skew": [[lease("closed", 5, 30)], 28, "ran out"],
  renewed: [[lease("closed", 5, 30), lease("closed", 5, 31)], 28.5, ""],
  "repeated, not renewed": [[lease("closed", 5, 2.5), lease("closed", 5, 2.5)], 1, "ran out"],
  "heard after its end": [[lease("closed", 5, -1)], 0, "no lease"],
  open: [[lease("open", 5, 30)], 1, '"open"'],
  "half open": [[lease("half_open", 5, 30)], 1, '"half_open"'],
  unknown: [[{ kind: "lease", data: lease("unknown", 0, 0).data.replace(/"20[^"]*"/, '"0001-01-01T00:00:00Z"') }], 1, '"unknown"'],
  "a state of later versions": [[lease("shut", 5, 30)], 1, '"shut"'],
  "open, then a stale closed": [[lease("open", 6, 30), lease("closed", 5, 29)], 2, '"open"'],
  "open, then the same instant closed": [[lease("open", 6, 30), lease("closed", 7, 30)], 2, '"open"'],
  "open, then a fresh closed": [[lease("open", 6, 30), lease("closed", 8, 31)], 2, ""],
  "closed, then open with an older end": [[lease("closed", 5, 30), lease("open", 6, 29)], 2, '"open"'],
  "a transition stops": [[lease("closed", 5, 30), transition("open", 6)], 2, '"open"'],
  "and a lease from before it is stale": [[lease("closed", 5, 30), transition("open", 6), lease("closed", 5, 32)], 3, '"open"'],
  "until a lease that knows of it": [[lease("closed", 5, 30), transition("open", 6), lease("closed", 7, 32)], 3, ""],
  "an old transition is read again": [[lease("closed", 7, 30), transition("open", 6)], 2, ""],
  "a transition to closed starts nothing": [[lease("open", 6, 30), transition("closed", 8)], 2, '"open"'],
  "no JSON": [[lease("closed", 5, 30), { kind: "lease", data: "<html>" }], 2, "cannot be read"],
  "no object": [[lease("closed", 5, 30), { kind: "lease", data: "null" }], 2, "cannot be read"],
  "no time": [[{ kind: "lease", data: lease("closed", 5, 30).data.replace(/"20[^"]*"/, '"soon"') }], 1, "cannot be read"],
  "another schema": [[lease("closed", 5, 30), { kind: "lease", data: '{"schema":"headwatch.signal/v2"}' }], 2, "cannot be read"],
  "another circuit": [[lease("closed", 5, 30), lease("open", 6, 31, "perps")], 2, ""],
  "valid for a year": [[lease("closed", 5, 365 * 24 * 3600)], 1, "clocks"],
  "a refusal": [[lease("closed", 5, 30), refusal], 2, "503"],
  "after the refusal": [[lease("closed", 5, 30), refusal, lease("closed", 5, 32)], 3, ""],
};

for (const [name, [heard, when, want]] of Object.entries(cases)) {
  test(name, () => {
    const gate = new Gate("lending", 2000);
    heard.forEach((m, i) => gate.hear(m, at(i)));
    const why = gate.why(at(when));
    assert.ok(want === "" ? why === "" : why.includes(want), `${JSON.stringify(why)}, want ${JSON.stringify(want)}`);
  });
}

test("both clocks must say that the lease holds", () => {
  const gate = new Gate("lending", 0);
  gate.hear(lease("closed", 5, 30), at(0));
  assert.equal(gate.why(at(29)), "");
  assert.match(gate.why({ wall: at(31).wall, steady: at(0).steady }), /ran out/); // the machine slept
  assert.match(gate.why({ wall: at(0).wall, steady: at(31).steady }), /ran out/); // its clock was set back
});

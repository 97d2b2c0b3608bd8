import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { after, test, type TestContext } from "node:test";
import { listen, poll, type Hear, type Source } from "../src/client.js";
import { Gate } from "../src/gate.js";
import { keep } from "../src/keeper.js";

const { error } = console;
console.error = () => undefined; // lost connections are what these tests are about
after(() => (console.error = error));

/** Values that come one by one to whoever waits for them. */
class Queue<T> {
  private values: T[] = [];
  private waiting: ((value: T) => void)[] = [];

  put(value: T): void {
    const taker = this.waiting.shift();
    if (taker) taker(value);
    else this.values.push(value);
  }

  next(): Promise<T> {
    const value = this.values.shift();
    return value !== undefined ? Promise.resolve(value) : new Promise((resolve) => this.waiting.push(resolve));
  }
}

interface Said {
  quoting: boolean;
  why: string;
}

interface Connection {
  request: IncomingMessage;
  response: ServerResponse;
}

const leaseText = (state: string, seq: number, holds: number): string =>
  JSON.stringify({ schema: "headwatch.signal/v1", circuit: "lending", state, seq, valid_until: new Date(Date.now() + holds).toISOString() });

const tell = ({ response }: Connection, state: string, seq: number, holds: number): boolean =>
  response.write(`event: lease\ndata: ${leaseText(state, seq, holds)}\n\n`);

/** Runs a server whose requests the test answers, and a keeper that asks it. */
async function keeping(t: TestContext, how: (source: Source, hear: Hear, stop: AbortSignal) => Promise<void>): Promise<[Queue<Connection>, (quoting: boolean, why: string) => Promise<void>]> {
  const requests = new Queue<Connection>();
  const server = createServer((request, response) => requests.put({ request, response }));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const source = { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, circuit: "lending", skew: 2000 };
  const said = new Queue<Said>();
  const stop = new AbortController();
  const done = keep(new Gate("lending", 0), (hear, until) => how(source, hear, until), (quoting, why) => said.put({ quoting, why }), stop.signal);
  t.after(async () => {
    stop.abort();
    await done;
    server.closeAllConnections();
    server.close();
  });
  return [requests, async (quoting, why) => {
    const got = await said.next();
    assert.ok(got.quoting === quoting && got.why.includes(why), `got ${JSON.stringify(got)}, want ${quoting} ${why}`);
  }];
}

const events = (idle: number) => (source: Source, hear: Hear, stop: AbortSignal): Promise<void> => listen(source, hear, stop, idle, 1);

test("a lease over events", { timeout: 20_000 }, async (t) => {
  const [requests, want] = await keeping(t, events(20_000));
  await want(false, "no lease");

  let c = await requests.next();
  assert.equal(c.request.url, "/v1/events");
  assert.equal(c.request.headers["last-event-id"], undefined);
  tell(c, "closed", 5, 60_000);
  await want(true, "");
  c.response.write('id: 41\nevent: transition\ndata: {"circuit":"lending","to":"open","seq":6}\n\n');
  await want(false, '"open"');
  tell(c, "closed", 5, 61_000); // from before the transition
  tell(c, "closed", 7, 50_000); // ends before one that was heard
  tell(c, "half_open", 7, 62_000);
  await want(false, '"half_open"'); // and not true, for the two before it
  tell(c, "closed", 8, 63_000);
  await want(true, "");
  c.response.write('event: lease\ndata: {"circuit":"lend\n\n');
  await want(false, "cannot be read");
  tell(c, "closed", 8, 64_000);
  await want(true, "");
  c.response.end("event: lease\ndata: half of a le");

  // The lease still holds: a connection that breaks stops nothing.
  c = await requests.next();
  assert.equal(c.request.headers["last-event-id"], "41");
  tell(c, "open", 9, 65_000);
  await want(false, '"open"');
  c.response.end();

  // A position of another journal is given up.
  c = await requests.next();
  c.response.writeHead(410).end();
  c = await requests.next();
  assert.equal(c.request.headers["last-event-id"], undefined);
  tell(c, "closed", 10, 66_000);
  await want(true, "");
});

test("silence", { timeout: 20_000 }, async (t) => {
  const [requests, want] = await keeping(t, events(300));
  await want(false, "no lease");
  let c = await requests.next();
  tell(c, "closed", 5, 200);
  await want(true, "");
  await want(false, "ran out");
  // The connection is given up, too: nothing comes on it any more.
  c = await requests.next();
  tell(c, "closed", 5, -1000);
  tell(c, "open", 6, 60_000);
  await want(false, '"open"');
});

test("a server with another clock", { timeout: 20_000 }, async (t) => {
  const [requests, want] = await keeping(t, events(20_000));
  await want(false, "no lease");
  const c = await requests.next();
  c.response.setHeader("date", new Date(Date.now() - 60_000).toUTCString());
  tell(c, "closed", 5, 60_000);
  await want(false, "clocks");
});

test("a lease that is asked for", { timeout: 20_000 }, async (t) => {
  const [requests, want] = await keeping(t, (source, hear, stop) => poll(source, hear, stop, 500));
  const answer = async (status: number, body: string): Promise<void> => {
    const { request, response } = await requests.next();
    assert.equal(request.url, "/v1/circuits/lending");
    response.writeHead(status).end(body);
  };
  await want(false, "no lease");
  await answer(200, leaseText("closed", 5, 60_000));
  await want(true, "");
  await answer(503, leaseText("open", 6, 61_000));
  await want(false, "503");
  await answer(200, leaseText("closed", 7, 62_000));
  await want(true, "");
  await answer(200, "ok");
  await want(false, "cannot be read");
  await answer(200, leaseText("closed", 7, 1000));
  await answer(200, leaseText("closed", 7, 63_000));
  await want(true, "");
});

test("an answer that does not come", { timeout: 20_000 }, async (t) => {
  const [requests, want] = await keeping(t, (source, hear, stop) => poll(source, hear, stop, 300));
  await want(false, "no lease");
  const { response } = await requests.next();
  response.end(leaseText("closed", 5, 1000));
  await want(true, "");
  await want(false, "ran out");
});

import { setTimeout as sleep } from "node:timers/promises";
import { differ, type Message } from "./gate.js";

/** Where leases come from, and what they are held against. Times are in milliseconds. */
export interface Source {
  url: string;
  circuit: string;
  skew: number;
}

export type Hear = (m: Message) => void;

class ClockError extends Error {}

const longestText = 256 * 1024;
const longestRetry = 10_000;
const headersWithin = 10_000;

/** Asks, and refuses an answer from a machine whose clock differs from ours: no lease of it can be judged. No redirect is followed. */
async function get(source: Source, path: string, headers: Record<string, string>, signal: AbortSignal): Promise<Response> {
  const asked = Date.now();
  const response = await fetch(new URL(path, source.url), { headers, signal, redirect: "error" });
  const ahead = Date.now() - Date.parse(response.headers.get("date") ?? ""); // in whole seconds there
  if (!(ahead >= -source.skew && ahead <= source.skew + 1000 + Date.now() - asked)) {
    await response.body?.cancel();
    throw new ClockError(differ);
  }
  return response;
}

/**
 * Listens to /v1/events: leases, and beside them the journal, whose position it resumes after. It connects again until stop.
 * A connection that ends is no reason to stop quoting: the lease says how long one may.
 */
export async function listen(source: Source, hear: Hear, stop: AbortSignal, idle = 30_000, retry = 1000): Promise<void> {
  let position = "";
  const once = async (): Promise<void> => {
    const connection = new AbortController();
    const quit = (): void => connection.abort(stop.reason);
    stop.addEventListener("abort", quit, { once: true });
    // Without a word for this long a connection is dead; headwatch says something every 15 s.
    const silent = (): void => connection.abort(new Error("the stream fell silent"));
    let silence = setTimeout(silent, Math.min(idle, headersWithin));
    try {
      const headers: Record<string, string> = { accept: "text/event-stream" };
      if (position !== "") headers["last-event-id"] = position;
      const response = await get(source, "/v1/events", headers, connection.signal);
      if (response.status === 410) position = ""; // of another journal
      if (response.status !== 200 || response.body === null) throw new Error(`status ${response.status}`);
      clearTimeout(silence);
      silence = setTimeout(silent, idle);
      let id = "";
      let name = "";
      let data = "";
      for await (const line of lines(response.body)) {
        clearTimeout(silence);
        silence = setTimeout(silent, idle);
        const [field, value] = cut(line);
        if (field === "id") id = value;
        if (field === "event") name = value;
        if (field === "data") data = value; // headwatch writes one line of it
        if (line !== "") continue;
        if (name === "lease" || name === "transition") hear({ kind: name, data });
        if (id !== "") position = id;
        id = name = data = "";
      }
      throw new Error("the stream ended");
    } finally {
      clearTimeout(silence);
      stop.removeEventListener("abort", quit);
      connection.abort();
    }
  };

  for (let wait = retry; !stop.aborted; ) {
    const began = performance.now();
    await once().catch((error: unknown) => {
      if (error instanceof ClockError) hear({ kind: "refusal", data: differ });
      else if (!stop.aborted) console.error(`events: ${text(error)}; again in ${wait} ms`);
    });
    if (performance.now() - began > longestRetry) wait = retry;
    await sleep(wait, undefined, { signal: stop }).catch(() => undefined);
    wait = Math.min(2 * wait, longestRetry);
  }
}

/**
 * Asks for one circuit's lease again and again: the plain way. Ask at a third of the lease or more often.
 *
 * The status alone is enough for whoever asks before each action: 200 is the only word for "go on". Whoever goes on until the next
 * answer needs the lease's end, too.
 */
export async function poll(source: Source, hear: Hear, stop: AbortSignal, every: number): Promise<void> {
  while (!stop.aborted) {
    try {
      const within = AbortSignal.any([stop, AbortSignal.timeout(every)]);
      const response = await get(source, `/v1/circuits/${encodeURIComponent(source.circuit)}`, {}, within);
      const body = await whole(response);
      hear(response.status === 200 ? { kind: "lease", data: body } : { kind: "refusal", data: `headwatch answers ${response.status}` });
    } catch (error) {
      if (error instanceof ClockError) hear({ kind: "refusal", data: differ });
      else if (!stop.aborted) console.error(`ask for the lease: ${text(error)}`); // the one we hold goes on to its end
    }
    await sleep(every, undefined, { signal: stop }).catch(() => undefined);
  }
}

/** The lines of a stream, without their ends. One that is longer than headwatch writes is an error. */
async function* lines(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of body) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = parts.pop() ?? "";
    for (const line of parts) yield line.endsWith("\r") ? line.slice(0, -1) : line;
    if (rest.length > longestText) throw new Error("a line without an end");
  }
}

async function whole(response: Response): Promise<string> {
  if (response.body === null) return "";
  const decoder = new TextDecoder();
  let body = "";
  for await (const chunk of response.body) {
    body += decoder.decode(chunk, { stream: true });
    if (body.length > longestText) throw new Error("an answer without an end");
  }
  return body;
}

function cut(line: string): [field: string, value: string] {
  const colon = line.indexOf(":");
  if (colon < 0) return [line, ""];
  const value = line.slice(colon + 1);
  return [line.slice(0, colon), value.startsWith(" ") ? value.slice(1) : value];
}

const text = (error: unknown): string => (error instanceof Error ? error.message : String(error));

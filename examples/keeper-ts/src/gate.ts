/** What was heard: a lease, a transition, or a refusal in the words of whoever met it. */
export interface Message {
  kind: "lease" | "transition" | "refusal";
  data: string;
}

/** An instant by both clocks, in milliseconds: the wall's, and one that nobody sets. */
export interface Instant {
  wall: number;
  steady: number;
}

export const now = (): Instant => ({ wall: Date.now(), steady: performance.now() });

const schema = "headwatch.signal/v1";
const longest = 5 * 60_000; // that a lease of headwatch can be valid for

export const differ = "the clocks of this machine and of headwatch differ";

/**
 * The rule: quote only on a fresh closed lease. Everything else, and nothing at all, means stop.
 *
 * A lease is fresh when it is valid for longer than every lease heard before, and has not run out. So one that is repeated, late or
 * out of a cache is never taken for a new one.
 */
export class Gate {
  private refusal = "no lease was heard yet"; // "" when the newest lease says closed
  private newest = -Infinity; // the latest valid_until
  private seq = 0; // the latest decision that a lease or a transition told of
  private until = -Infinity; // when the newest lease runs out, by the steady clock: setting the wall's back prolongs nothing

  constructor(
    private readonly circuit: string,
    private readonly skew: number, // how far the clocks may differ, in milliseconds
  ) {}

  /** Why quoting is not allowed at this instant; "" when it is. Ask it before every quote. */
  why(at: Instant): string {
    if (this.refusal !== "") return this.refusal;
    // By both clocks: the steady one may stand still while the machine sleeps.
    if (at.steady >= this.until || at.wall >= this.newest - this.skew) return "the lease ran out: headwatch is gone, or we cannot hear it";
    return "";
  }

  /** How long the gate stays open if nothing more is heard, in milliseconds. */
  left(at: Instant): number {
    return Math.max(0, Math.min(this.until - at.steady, this.newest - this.skew - at.wall));
  }

  hear(m: Message, at: Instant): void {
    if (m.kind === "refusal") {
      this.refusal = m.data;
      return;
    }
    const doc = read(m.data);
    if (m.kind === "transition") {
      this.hearTransition(doc);
      return;
    }
    const end = typeof doc?.valid_until === "string" ? Date.parse(doc.valid_until) : NaN;
    const seq = doc?.seq;
    if (doc?.schema !== schema || typeof doc.circuit !== "string" || Number.isNaN(end) || typeof seq !== "number") {
      this.refusal = "a lease that cannot be read";
      return;
    }
    if (doc.circuit !== this.circuit) return;
    const left = end - this.skew - at.wall; // a lease ends early by as much as the clocks may differ
    if (left > longest) {
      this.refusal = differ;
    } else if (doc.state !== "closed") {
      this.refusal = `the circuit is ${shown(doc.state)}`;
      this.newest = Math.max(this.newest, end);
      this.seq = seq;
    } else if (left <= 0 || end <= this.newest) {
      // Stale. It neither opens the gate nor shuts it: a lease that still holds goes on to its own end.
    } else if (seq < this.seq && this.refusal !== "") {
      // From before the decision that stopped us.
    } else {
      this.refusal = "";
      this.newest = end;
      this.seq = Math.max(this.seq, seq);
      this.until = at.steady + left;
    }
  }

  /**
   * A transition stops at once where the next lease would stop us some seconds later. It never starts: one that is read again
   * after a reconnect may be old.
   */
  private hearTransition(doc: Document | undefined): void {
    if (typeof doc?.circuit !== "string" || typeof doc.seq !== "number") {
      this.refusal = "a transition that cannot be read";
      return;
    }
    if (doc.circuit !== this.circuit || doc.seq <= this.seq) return;
    this.seq = doc.seq;
    if (doc.to !== "closed") this.refusal = `the circuit is ${shown(doc.to)}`;
  }
}

type Document = Record<string, unknown>;

function read(data: string): Document | undefined {
  try {
    const doc: unknown = JSON.parse(data);
    return typeof doc === "object" && doc !== null ? (doc as Document) : undefined;
  } catch {
    return undefined;
  }
}

const shown = (state: unknown): string => JSON.stringify(String(state).slice(0, 20));

import { Gate, now } from "./gate.js";
import type { Hear } from "./client.js";

/**
 * Listens until stop and calls act whenever the answer changes: why is "" while quoting is allowed. The last call is always a stop.
 */
export async function keep(
  gate: Gate,
  listen: (hear: Hear, stop: AbortSignal) => Promise<void>,
  act: (quoting: boolean, why: string) => void,
  stop: AbortSignal,
): Promise<void> {
  let said: string | undefined;
  let timer: NodeJS.Timeout | undefined;
  const look = (): void => {
    clearTimeout(timer);
    if (stop.aborted) return;
    const at = now();
    const why = gate.why(at);
    if (why !== said) {
      said = why;
      act(why === "", why);
    }
    // Also while nothing is heard: the clock may have been set. A timer may ring a little early, so it is set for a little later.
    timer = setTimeout(look, why === "" ? Math.min(1000, gate.left(at) + 1) : 1000);
  };
  look();
  try {
    await listen((m) => {
      gate.hear(m, now());
      look();
    }, stop);
  } finally {
    clearTimeout(timer);
    act(false, "shutting down");
  }
}

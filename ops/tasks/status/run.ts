import { askAlerts } from "./alerts.ts";
import { figuresOf, problemsOf } from "./figures.ts";
import { look, type World } from "./look.ts";
import type { Options } from "./options.ts";
import { screen } from "./screen.ts";

/** Shows how the system is, once or, watching, until the world's signal aborts. Answers the exit code. */
export async function run(options: Options, world: StatusWorld): Promise<0 | 1> {
  const { addresses, watch, json, seconds } = options;
  let before = await look(addresses, world);
  for (;;) {
    await world.sleep(seconds * 1000, world.signal);
    if (world.signal.aborted) return 0;
    const now = await look(addresses, world);
    const figures = figuresOf(before, now, await askAlerts(options.prometheus, world));
    const problems = problemsOf(figures);
    const text = json ? `${JSON.stringify({ ...figures, problems })}\n` : screen(figures, problems);
    world.print(watch && !json ? CLEAR + text : text);
    if (!watch) return problems.length === 0 ? 0 : 1;
    before = now;
  }
}

/** Cursor to the corner, and all below it gone. */
const CLEAR = "\x1b[H\x1b[2J";

export interface StatusWorld extends World {
  readonly print: (text: string) => void;
  /** Resolves after the time, or when the signal aborts. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

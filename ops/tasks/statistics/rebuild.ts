import type { Platform } from "../../../shared/runtime/platform.ts";
import { rebuildStatistics } from "../../../workers/statistics/rebuild/rebuild.ts";

/** Rebuilds what the platform's statistics store holds; answers the residents counted. */
export async function rebuild(platform: Platform, { print, show, signal }: RebuildOptions): Promise<number> {
  const began = performance.now();
  const seconds = () => (performance.now() - began) / 1_000;
  const residents = await rebuildStatistics({
    store: await platform.statisticsStore(),
    reader: await platform.pool("rebuild-reader", { max: 1, role: "reader" }),
    keeper: await platform.pool("rebuild-keeper", { max: 1, role: "keys" }),
    columns: async () => (await platform.keys()).columns,
    signal,
    onProgress({ step, records }) {
      show(() => `${step}: ${written(records)} residents, ${seconds().toFixed(0)} s`);
    },
  });
  const perSecond = Math.round(residents / seconds());
  print(
    `Counted ${written(residents)} residents anew in ${seconds().toFixed(1)} s, ${
      written(perSecond)
    } per second`,
  );
  print("The new counts serve; `deno task statistics reconcile` compares them with the registry");
  return residents;
}

function written(number: number): string {
  return number.toLocaleString("en");
}

interface RebuildOptions {
  readonly print: (line: string) => void;
  /** Takes the line that tells how far it is. */
  readonly show: (line: () => string) => void;
  readonly signal: AbortSignal;
}

import { reconcile } from "../../ops/tasks/reconcile.ts";
import { sleep } from "../../shared/resilience/backoff.ts";
import type { Platform } from "../../shared/runtime/platform.ts";

/**
 * Waits until the statistics count all that the registry holds now. Answers the milliseconds; undefined when that takes
 * longer than `withinMs`.
 */
export async function untilCounted(onlooker: Platform, withinMs: number): Promise<number | undefined> {
  const begun = performance.now();
  const left = () => begun + withinMs - performance.now();
  let due: number | undefined;
  while (left() > 0) {
    due ??= await attempt(() => registered(onlooker));
    const counted = due === undefined ? undefined : await attempt(() => jumlah(onlooker));
    if (due !== undefined && counted !== undefined && counted >= due) return performance.now() - begun;
    await pause(LOOK_MS);
  }
  return undefined;
}

/**
 * Waits until nothing is under way any more: every event published and counted, every SMS that is due has come to an
 * end. Gives up when nothing has moved for `patienceMs`: then the judge will say what is missing.
 */
export async function untilDrained(onlooker: Platform, patienceMs: number): Promise<number | undefined> {
  const begun = performance.now();
  let moved = begun;
  let before = "";
  while (performance.now() - moved < patienceMs) {
    const held = await attempt(() => reconcile(onlooker));
    if (held) {
      const { claimed, ...ended } = held.sms;
      const smsLeft = held.smsExpected - Object.values(ended).reduce((sum, count) => sum + count, 0);
      if (held.outbox === 0 && held.statistics === held.registry && claimed === 0 && smsLeft <= 0) {
        return performance.now() - begun;
      }
      const now = JSON.stringify(held);
      if (now !== before) moved = performance.now();
      before = now;
    }
    await pause(DRAIN_LOOK_MS);
  }
  return undefined;
}

async function registered(onlooker: Platform): Promise<number> {
  const pool = await onlooker.pool("chaos", { max: 2, role: "reader" });
  const { rows } = await pool.query<{ count: number }>("select count(*)::int as count from penduduk");
  return rows[0]?.count ?? 0;
}

async function jumlah(onlooker: Platform): Promise<number> {
  const { provinces } = await (await onlooker.statisticsStore()).read();
  return provinces.reduce((sum, province) => sum + province.jumlah, 0);
}

/** A store that cannot be read is no news: it may be starting again. */
async function attempt<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof Error) return undefined;
    throw error;
  }
}

const pause = (ms: number) => sleep(ms, new AbortController().signal);
const LOOK_MS = 100;
const DRAIN_LOOK_MS = 500;

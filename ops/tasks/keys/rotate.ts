import type { Pool } from "../../../shared/adapters/postgres/pool.ts";
import { withSession } from "../../../shared/adapters/postgres/session.ts";
import { sleep } from "../../../shared/resilience/backoff.ts";
import { type Keys, parseKeys, type RingName } from "../../../shared/security/key_ring.ts";
import { formatDocument, type KeysDocument } from "../../../shared/security/keys_document.ts";
import { readDocument } from "./file.ts";
import { columnsJob, ENCRYPTED, indexJob, type Job } from "./jobs.ts";
import type { Command } from "./options.ts";
import { progressOf } from "./progress.ts";
import { rewrite } from "./rewrite.ts";
import { existing } from "./tables.ts";
import { useIndexKey } from "./use.ts";
import type { World } from "./world.ts";

/** Rewrites what is stored under the active keys of the rings; resolves to the number of rows. */
export async function rotate(
  { rings, rate, page }: Extract<Command, { name: "rotate" }>,
  world: World,
): Promise<number> {
  const { path, now, say, signal } = world;
  const document = await readDocument(path);
  await settle(document, rings, world);
  const keys = parseKeys(formatDocument(document));
  const pool = await world.pool();
  const options = { name: "keys rotate", url: await world.url(), stop: signal };
  return await withSession(options, async (session) => {
    const { rows } = await session.client.query<{ alone: boolean }>(
      "select pg_try_advisory_lock(hashtextextended('keys rotate', 0)) as alone",
    );
    if (!rows[0]?.alone) throw new Error("Another rotation runs: let it end");
    let total = 0;
    for (const job of await jobsOf(rings, keys, pool)) {
      const began = now().getTime();
      const observe = progressOf(job, { say, now });
      const limits = { pageRows: page, rowsPerSecond: rate, observe, signal: session.signal };
      const { rewritten } = await rewrite(job, { pool, ring: keys.columns, ...limits });
      const seconds = ((now().getTime() - began) / 1_000).toFixed(1);
      say(
        `${job.ring} of ${job.relation}: ${rewritten} rows rewritten in ${seconds} s; none is under another key`,
      );
      total += rewritten;
    }
    for (const ring of rings) if (RING_NOTES[ring]) say(RING_NOTES[ring]);
    return total;
  });
}

/** Until every process writes under the active keys, or what it still writes would be rewritten in vain. */
async function settle(
  document: KeysDocument,
  rings: readonly RingName[],
  { now, say, signal }: World,
): Promise<void> {
  const last = Math.max(...rings.map((ring) => {
    const { active, times } = document[ring];
    return Date.parse(times?.[active]?.activated ?? "") || 0;
  }));
  const wait = last + SETTLED_MS - now().getTime();
  if (wait <= 0) return;
  say(`Waiting ${Math.ceil(wait / 1_000)} s until every process has read which key is active`);
  await sleep(wait, signal);
  signal.throwIfAborted();
}

async function jobsOf(rings: readonly RingName[], keys: Keys, pool: Pool): Promise<readonly Job[]> {
  const jobs: Job[] = [];
  if (rings.includes("columns")) {
    for (const table of await existing(pool, ENCRYPTED)) jobs.push(columnsJob(table, keys));
  }
  if (rings.includes("blindIndex")) {
    await useIndexKey(pool, keys.blindIndex.active);
    jobs.push(indexJob(keys));
  }
  return jobs;
}

const RING_NOTES: Partial<Record<RingName, string>> = {
  events: "events: those that are written are never changed; the older keys open them until they expire",
};

/** Two readings of the file. */
const SETTLED_MS = 10_000;

import type { Pool } from "../../../shared/adapters/postgres/pool.ts";
import { withSession } from "../../../shared/adapters/postgres/session.ts";
import { sleep } from "../../../shared/resilience/backoff.ts";
import { type Keys, parseKeys, type RingName, RINGS } from "../../../shared/security/key_ring.ts";
import {
  activateKey,
  addKeys,
  formatDocument,
  type KeysDocument,
  removeKey,
} from "../../../shared/security/keys_document.ts";
import { changeKeysFile, keepRetired, readDocument } from "./file.ts";
import { columnsJob, ENCRYPTED, indexJob, type Job } from "./jobs.ts";
import type { Command } from "./options.ts";
import { progressOf } from "./progress.ts";
import { giveUpKey, StillInUse } from "./retire.ts";
import { remaining, rewrite } from "./rewrite.ts";
import { existing } from "./tables.ts";
import { readUse, useIndexKey } from "./use.ts";

/** Does what was asked; resolves to the number of rows that were rewritten. Rejects with a sentence. */
export async function run(command: Exclude<Command, { name: "help" }>, world: World): Promise<number> {
  switch (command.name) {
    case "list":
      list(await readDocument(world.path), world);
      return 0;
    case "add":
      await add(command.rings, world);
      return 0;
    case "activate":
      await activate(command, world);
      return 0;
    case "rotate":
      return await rotate(command, world);
    case "retire":
      await retire(command, world);
      return 0;
    case "status":
      await status(world);
      return 0;
  }
}

function list(document: KeysDocument, { say }: World): void {
  for (const ring of RINGS) {
    const { active, keys, times } = document[ring];
    for (const id of Object.keys(keys)) {
      const { added, activated } = times?.[id] ?? {};
      const notes = [
        id === active ? "active" : "",
        added === undefined ? "" : `added ${added}`,
        activated === undefined ? "" : `activated ${activated}`,
      ].filter(Boolean);
      say(`${ring.padEnd(10)}  ${id.padEnd(12)}  ${notes.join(", ")}`.trimEnd());
    }
  }
}

async function add(rings: readonly RingName[], { path, now, say }: World): Promise<void> {
  const before = await readDocument(path);
  const after = await changeKeysFile(path, (document) => addKeys(document, rings, now()));
  for (const ring of rings) {
    const id = Object.keys(after[ring].keys).find((id) => !(id in before[ring].keys));
    say(`Added key "${id}" to ring "${ring}"; activate it once the file is on every machine`);
  }
}

async function activate(
  { ring, id, now: atOnce }: Extract<Command, { name: "activate" }>,
  { path, now, say }: World,
): Promise<void> {
  await changeKeysFile(path, (document) => {
    const { keys, active, times } = document[ring];
    if (!(id in keys)) throw new Error(`Ring "${ring}" has no key "${id}": \`list\` shows them`);
    if (id === active) throw new Error(`Key "${id}" of ring "${ring}" is active already`);
    const known = Date.parse(times?.[id]?.added ?? "") + KNOWN_MS;
    if (!atOnce && known > now().getTime()) {
      const seconds = Math.ceil((known - now().getTime()) / 1_000);
      throw new Error(`Not every process may know key "${id}" yet: wait ${seconds} s, or use --now`);
    }
    return activateKey(document, ring, id, now());
  });
  say(`Key "${id}" is the active one of ring "${ring}"`);
}

async function rotate(
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

async function retire(
  { ring, id, retryDays }: Extract<Command, { name: "retire" }>,
  world: World,
): Promise<void> {
  const { path, now, say } = world;
  if (ring === "audit") throw new StillInUse('Keys of ring "audit" stay: they answer who saw whose data');
  const document = await readDocument(path);
  const key = document[ring].keys[id];
  if (key === undefined) throw new Error(`Ring "${ring}" has no key "${id}": \`list\` shows them`);
  const { olderEvents } = world;
  await giveUpKey({ ring, id }, { pool: await world.pool(), document, now: now(), retryDays, olderEvents });
  const kept = await keepRetired(path, ring, id, key);
  await changeKeysFile(path, (document) => removeKey(document, ring, id, now()));
  say(
    `Key "${id}" is out of ring "${ring}". It is kept in "${kept}": move that to where the backups' keys are`,
  );
}

async function status({ path, pool: opened, say }: World): Promise<void> {
  const document = await readDocument(path);
  const keys = parseKeys(formatDocument(document));
  const pool = await opened();
  for (const ring of RINGS) {
    const ids = Object.keys(document[ring].keys);
    say(`${ring}: active "${document[ring].active}" of ${ids.map((id) => `"${id}"`).join(", ")}`);
  }
  const use = await readUse(pool);
  if (use) {
    const earlier = use.earlier_index_keys.map((id) => `"${id}"`).join(", ") || "none";
    say(
      `registrations are found by index key "${use.index_key}", and looked for under earlier ones: ${earlier}`,
    );
  }
  const jobs = (await existing(pool, ENCRYPTED)).map((table) => columnsJob(table, keys));
  for (const job of [...jobs, indexJob(keys)]) {
    const left = await remaining(job, pool);
    const counts = left.map(({ key, rows }) => `${rows} under "${key}"`).join(", ");
    say(
      `${job.ring} of ${job.relation}: ${counts || "all"}${
        counts ? " to be rewritten" : " under the active key"
      }`,
    );
  }
}

/** Two readings of the file, and its way to another machine of the same network. */
const KNOWN_MS = 20_000;
/** Two readings of the file. */
const SETTLED_MS = 10_000;

export interface World {
  /** Of the keys file. */
  readonly path: string;
  /** By the role that rewrites. */
  readonly pool: () => Promise<Pool>;
  readonly url: () => Promise<string>;
  readonly olderEvents: (before: Date) => Promise<readonly string[]>;
  readonly say: (line: string) => void;
  readonly now: () => Date;
  readonly signal: AbortSignal;
}

import { parseKeys, type RingName, RINGS } from "../../../shared/security/key_ring.ts";
import {
  activateKey,
  addKeys,
  formatDocument,
  type KeysDocument,
  removeKey,
} from "../../../shared/security/keys_document.ts";
import { changeKeysFile, keepRetired, readDocument } from "./file.ts";
import { columnsJob, ENCRYPTED, indexJob } from "./jobs.ts";
import type { Command } from "./options.ts";
import { giveUpKey, StillInUse } from "./retire.ts";
import { remaining } from "./rewrite.ts";
import { rotate } from "./rotate.ts";
import { existing } from "./tables.ts";
import { readUse } from "./use.ts";
import type { World } from "./world.ts";

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

import { classify } from "../../../shared/adapters/postgres/errors.ts";
import { readingKeys } from "../../../shared/adapters/postgres/encryption.ts";
import type { Pool } from "../../../shared/adapters/postgres/pool.ts";
import { sleep } from "../../../shared/resilience/backoff.ts";
import type { KeyRing } from "../../../shared/security/key_ring.ts";
import type { Job } from "./jobs.ts";

/**
 * Rewrites all rows of the job under its key, a page of ids after the other, each in a statement of its own that notes
 * how far it came: killed anywhere, the next run goes on there. Rows that somebody else holds are left for the next
 * pass. Resolves when the database finds no row under another key; rejects when some cannot be rewritten.
 */
export async function rewrite(job: Job, options: RewriteOptions): Promise<Rewritten> {
  const { pool, signal, observe, pageRows = 200, rowsPerSecond = Infinity } = options;
  await pool.query(BEGIN, [job.ring, job.relation, job.keyId, job.firstId]);
  let total = 0;
  for (let fruitless = 0; fruitless < PASSES;) {
    const rewritten = await pass();
    total += rewritten;
    const left = await remaining(job, pool);
    if (left.length === 0) {
      await pool.query(FINISH, [job.ring, job.relation, job.keyId]);
      return { rewritten: total };
    }
    // Rows that were held, or written meanwhile by a process that had not read the new key.
    await pool.query(RESTART, [job.ring, job.relation, job.keyId, job.firstId]);
    fruitless = rewritten > 0 ? 0 : fruitless + 1;
    await sleep(PAUSE_MS, signal);
    signal.throwIfAborted();
  }
  const left = await remaining(job, pool);
  const counts = left.map(({ key, rows }) => `${rows} under key "${key}"`).join(", ");
  throw new Error(
    `Cannot rewrite all of "${job.relation}": ${counts}; are these keys in the file, and the rows whole?`,
  );

  async function pass(): Promise<number> {
    let rewritten = 0;
    let rows = pageRows;
    for (;;) {
      signal.throwIfAborted();
      const began = performance.now();
      const page = await rewritePage(job, options, rows);
      if (page === "unreadable") {
        // One row that cannot be decrypted fails its page: alone it fails alone.
        if (rows === 1) await skipRow(job, pool);
        rows = 1;
        continue;
      }
      rewritten += page.rewritten;
      observe?.({ job, ...page });
      if (page.looked < rows) return rewritten;
      rows = pageRows;
      await sleep(Math.max(0, page.rewritten * 1_000 / rowsPerSecond - (performance.now() - began)), signal);
    }
  }
}

/** Rows of the job that are not under its key, by the key that they are under. */
export async function remaining(
  { relation, stale, keyOf, keyId }: Job,
  pool: Pick<Pool, "query">,
): Promise<readonly { readonly key: string; readonly rows: number }[]> {
  const { rows } = await pool.query<{ key: string; rows: number }>(
    `select ${keyOf} as key, count(*)::int as rows from ${relation} t where ${stale} group by 1 order by 1`,
    [keyId],
  );
  return rows;
}

async function rewritePage(
  job: Job,
  { pool, ring }: RewriteOptions,
  rows: number,
): Promise<Page | "unreadable"> {
  try {
    const { rows: [page] } = await pool.query<Page>({
      name: `rewrite-${job.ring}-${job.relation}`,
      text: pageOf(job),
      values: [job.keyId, job.ring, rows, job.secret, ...readingKeys(ring)],
    });
    if (!page) throw new Error(`Find no note of how far "${job.relation}" was rewritten`);
    return page;
  } catch (error) {
    if (classify(error).code === WRONG_KEY_OR_CORRUPT) return "unreadable";
    throw error;
  }
}

async function skipRow({ ring, relation, keyId }: Job, pool: Pick<Pool, "query">): Promise<void> {
  await pool.query(
    `update key_rotation r set last_id = (select id::text from ${relation} where id > ${
      lastId(relation)
    } order by id limit 1)
    where ring = $1 and relation = $2 and key_id = $3`,
    [ring, relation, keyId],
  );
}

// Locks rows in the order of their ids, as all do that lock several, and waits for none.
const pageOf = ({ relation, stale, set }: Job) => `
with page as materialized (
  select t.id from ${relation} t where t.id > (
    select ${
  lastId(relation)
} from key_rotation r where ring = $2::text and relation = '${relation}' and key_id = $1::text
  ) order by t.id limit $3::int
), held as materialized (
  select t.id from ${relation} t join page using (id) where ${stale} order by t.id for update of t skip locked
), rewritten as (
  update ${relation} t set ${set}
  from held, unnest($5::text[], $6::text[]) as k (id, passphrase)
  where t.id = held.id and k.id = t.key_id
  returning t.id
)
update key_rotation r set moved_at = clock_timestamp(),
  last_id = coalesce((select id::text from page order by id desc limit 1), r.last_id),
  rewritten = r.rewritten + (select count(*) from rewritten)
where ring = $2::text and relation = '${relation}' and key_id = $1::text
returning (select count(*)::int from page) as looked, (select count(*)::int from rewritten) as rewritten`;

function lastId(relation: string): string {
  return relation.startsWith("sms_") ? "r.last_id" : "r.last_id::uuid";
}

const BEGIN = `insert into key_rotation as r (ring, relation, key_id, last_id) values ($1, $2, $3, $4)
  on conflict (ring, relation, key_id) do update
  set last_id = case when r.finished_at is null then r.last_id else excluded.last_id end, finished_at = null`;
const RESTART = "update key_rotation set last_id = $4 where ring = $1 and relation = $2 and key_id = $3";
const FINISH =
  "update key_rotation set finished_at = now() where ring = $1 and relation = $2 and key_id = $3";

/** pgcrypto: "Wrong key or corrupt data". */
const WRONG_KEY_OR_CORRUPT = "39000";
const PASSES = 3;
const PAUSE_MS = 200;

export interface RewriteOptions {
  readonly pool: Pick<Pool, "query">;
  /** Reads what is there: the ring of the columns. */
  readonly ring: KeyRing;
  readonly signal: AbortSignal;
  /** Told after each page. */
  readonly observe?: (progress: Page & { readonly job: Job }) => void;
  /** Rows looked at in one statement; 200 unless told. */
  readonly pageRows?: number;
  /** Rows rewritten in a second at most. */
  readonly rowsPerSecond?: number;
}

export interface Page {
  readonly looked: number;
  readonly rewritten: number;
}

export interface Rewritten {
  /** Rows of this run. */
  readonly rewritten: number;
}

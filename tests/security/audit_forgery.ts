import { v7 as uuidv7 } from "uuid";
import type { PoolClient } from "../../shared/adapters/postgres/pool.ts";
import { canonical } from "../../shared/security/audit/chain.ts";
import { sha256 } from "../../shared/security/audit/sha256.ts";

/** The chain with another actor from one line on, and every hash right: by whoever knows all that a writer knows. */
export function forgeFrom(
  chain: readonly string[],
  seq: number,
  changes: Record<string, string> = {},
): readonly string[] {
  const forged: string[] = chain.slice(0, seq);
  for (const text of chain.slice(seq)) {
    forged.push(seal({ ...JSON.parse(text), ...changes, "user.id": "forged" }, forged.at(-1)));
  }
  return forged;
}

/** The line that would follow this one. */
export function forgeAfter(last: string, changes: Record<string, string> = {}): string {
  const line = JSON.parse(last);
  return seal({ ...line, ...changes, "kependudukan.chain.seq": line["kependudukan.chain.seq"] + 1 }, last);
}

/** Puts lines into the table, past the sink. */
export async function putIn(client: Pick<PoolClient, "query">, forged: readonly string[]): Promise<void> {
  await client.query(
    `with parsed as materialized (select line, line::jsonb as l from unnest($1::text[]) as line)
     insert into audit (id, line, at, writer, seq, action, actor, target, record)
     select (l ->> 'event.id')::uuid, line, (l ->> '@timestamp')::timestamptz, (l ->> 'kependudukan.chain.writer')::uuid,
       (l ->> 'kependudukan.chain.seq')::bigint, l ->> 'event.action', l ->> 'user.id', l ->> 'kependudukan.target',
       (l ->> 'kependudukan.record')::uuid from parsed`,
    [forged],
  );
}

function seal(line: Record<string, string | number>, before: string | undefined): string {
  const prev = before === undefined ? "0".repeat(64) : JSON.parse(before)["kependudukan.chain.hash"];
  const { "kependudukan.chain.hash": _ = "", ...others } = line;
  const unsealed = { ...others, "event.id": uuidv7(), "kependudukan.chain.prev": prev };
  return canonical({ ...unsealed, "kependudukan.chain.hash": sha256(canonical(unsealed)) });
}

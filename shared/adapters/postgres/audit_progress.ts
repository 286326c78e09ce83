import { z } from "zod";
import type { Pool } from "./pool.ts";

/** What the auditors' verifications came to, in the table `audit_verification`. */
export function openAuditProgress(pool: Pick<Pool, "query">): AuditProgress {
  return {
    async latest() {
      const { rows } = await pool.query(LATEST);
      return rows[0] && Part.parse(rows[0]);
    },
    async add(part) {
      const { at, actor, beganAt, complete, lines, lastId, lastAt, ends, findings } = part;
      const documents = [JSON.stringify(ends), JSON.stringify(findings)];
      await pool.query(ADD, [at, actor, beganAt, complete, lines, lastId, lastAt, ...documents]);
    },
  };
}

export interface AuditProgress {
  latest(): Promise<VerifiedPart | undefined>;
  add(part: VerifiedPart): Promise<void>;
}

const Part = z.object({
  at: z.date(),
  actor: z.string(),
  /** When the run began of which this is a part. */
  beganAt: z.date(),
  /** Whether the run reached the end of the table. */
  complete: z.boolean(),
  /** All that were ever found in order, from the first line on, up to `lastId`. */
  lines: z.coerce.number(),
  /** Of the last line that need not be read again; null when there is none. */
  lastId: z.string().nullable(),
  lastAt: z.date().nullable(),
  /** Of the chains at `lastId` that may go on. */
  ends: z.array(z.object({ writer: z.string(), seq: z.number(), hash: z.string() })).readonly(),
  /** Of this run. */
  findings: z.array(
    z.object({
      what: z.string(),
      place: z.string(),
      writer: z.string().optional(),
      seq: z.number().optional(),
    }),
  ).readonly(),
});
export type VerifiedPart = z.output<typeof Part>;

const LATEST = `
select at, actor, began_at as "beganAt", complete, lines, last_id as "lastId", last_at as "lastAt", ends, findings
from audit_verification order by id desc limit 1`;

const ADD = `
insert into audit_verification (at, actor, began_at, complete, lines, last_id, last_at, ends, findings)
values ($1, $2, $3, $4, $5, $6, $7, $8::jsonb, $9::jsonb)`;

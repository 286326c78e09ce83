import type { AuditAction, SubjectTag } from "../../ports/audit.ts";
import { readSealed } from "../../security/audit/read_sealed.ts";
import type { AuditLine } from "../../security/audit/line.ts";
import type { Pool } from "./pool.ts";

/** Reads the table of the audit, with the rights of an auditor. What is asked here is audited by whoever asks. */
export function openAuditReader(pool: Pick<Pool, "query">): AuditReader {
  return {
    async search({ targets, actor, action, since, until, before, limit }) {
      const { rows } = await pool.query<{ line: string }>({
        name: "audit-search",
        text: SEARCH,
        values: [
          targets ?? null,
          actor ?? null,
          action ?? null,
          since ?? null,
          until ?? null,
          before ?? null,
          limit,
        ],
      });
      return rows.map(({ line }) => {
        const sealed = readSealed(line);
        if (!sealed) {
          throw new Error("Audit holds a text that is no line of it: run `deno task audit verify`");
        }
        return sealed.line;
      });
    },

    async *rows({ after, page = 2_000 } = {}) {
      let last = after;
      do {
        const { rows } = await pool.query<StoredRow>(ROWS, [last ?? null, page]);
        yield* rows;
        last = rows.at(-1)?.id;
      } while (last !== undefined);
    },

    async unrecorded() {
      const { rows } = await pool.query<{ id: string }>(UNRECORDED);
      return rows.map(({ id }) => id);
    },
  };
}

export interface AuditReader {
  /** The lines that fit, newest first. */
  search(query: AuditQuery): Promise<readonly AuditLine[]>;
  /**
   * Everything the table holds, or what stands behind one id, by id: a writer takes ids in the order of its chain. `page`
   * rows are read at once.
   */
  rows(from?: { readonly after?: string | undefined; readonly page?: number }): AsyncIterable<StoredRow>;
  /** Up to 100 ids of registrations older than a minute that no line tells of; none from before the first line. */
  unrecorded(): Promise<readonly string[]>;
}

export interface AuditQuery {
  /** Any of them. */
  readonly targets?: readonly SubjectTag[] | undefined;
  readonly actor?: string | undefined;
  readonly action?: AuditAction | undefined;
  readonly since?: Date | undefined;
  /** Not included. */
  readonly until?: Date | undefined;
  /** `event.id` of the last line of the page before. */
  readonly before?: string | undefined;
  readonly limit: number;
}

/** A line with the columns that were taken from it, as text. */
export interface StoredRow {
  readonly line: string;
  readonly id: string;
  readonly at: Date;
  readonly writer: string;
  /** A bigint in decimal. */
  readonly seq: string;
  readonly action: string;
  readonly actor: string | null;
  readonly target: string | null;
  readonly record: string | null;
}

/** Whether somebody changed a column, so that a line would not be found that is there. */
export function columnsFit(row: StoredRow, line: AuditLine): boolean {
  return row.id === line["event.id"] && row.at.toISOString() === line["@timestamp"] &&
    row.writer === line["kependudukan.chain.writer"] && row.seq === String(line["kependudukan.chain.seq"]) &&
    row.action === line["event.action"] && row.actor === (line["user.id"] ?? null) &&
    row.target === (line["kependudukan.target"] ?? null) &&
    row.record === (line["kependudukan.record"] ?? null);
}

const SEARCH = `
select line from audit
where ($1::text[] is null or target = any ($1)) and ($2::text is null or actor = $2)
  and ($3::text is null or action = $3) and ($4::timestamptz is null or at >= $4)
  and ($5::timestamptz is null or at < $5) and ($6::uuid is null or id < $6)
order by id desc limit $7`;

const ROWS = `
select line, id, at, writer, seq, action, actor, target, record from audit
where $1::uuid is null or id > $1 order by id limit $2`;

const UNRECORDED = `
select id from penduduk
where created_at < now() - interval '1 minute' and created_at > (select min(at) from audit)
  and not exists (select from audit where action = 'penduduk.daftar' and record = penduduk.id)
order by id limit 100`;

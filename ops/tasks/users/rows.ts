import { CsvError, parse } from "csv-parse/sync";
import { z } from "zod";
import type { PersonRole, Username } from "../../../shared/ports/user_directory.ts";
import {
  isWrong,
  readEmail,
  readNama,
  readRoles,
  readScope,
  readUsername,
  type Scope,
  scopeFault,
  type Wrong,
} from "./fields.ts";

/**
 * Reads a file of users: every row is good, or has its first fault with its line. What the file's cells hold is never
 * repeated, since a file of people may have any of it in the wrong column.
 */
export function readRows(bytes: Uint8Array): ReadFile | Wrong {
  const records = parseCsv(bytes);
  if (isWrong(records)) return records;
  const good: Row[] = [];
  const bad: BadRow[] = [];
  const lines = new Map<string, number>();
  for (const { record, info } of records) {
    const row = readRow(record);
    const problem = isWrong(row) ? row.wrong : repeated(row, lines, info.lines);
    if (problem === undefined && !isWrong(row)) good.push({ ...row, line: info.lines });
    else bad.push({ line: info.lines, why: problem ?? "" });
  }
  return { good, bad };
}

function parseCsv(bytes: Uint8Array): z.output<typeof Records> | Wrong {
  if (bytes.byteLength > MOST_BYTES) return { wrong: "is larger than 4 MiB: split it" };
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    const parsed = parse(text, {
      bom: true,
      // What a spreadsheet writes where the comma is the decimal sign.
      delimiter: text.slice(0, text.indexOf("\n")).includes(";") ? ";" : ",",
      columns: (header: string[]) => {
        if (header.join() === COLUMNS.join()) return header;
        throw new WrongHeader();
      },
      info: true,
      max_record_size: 4_096,
      skip_empty_lines: true,
      trim: true,
      to: MOST_ROWS + 1,
    });
    if (parsed.length > MOST_ROWS) return { wrong: "has more than 10,000 rows: split it" };
    if (parsed.length === 0) return { wrong: "has no rows" };
    return Records.parse(parsed);
  } catch (error) {
    if (error instanceof WrongHeader) return { wrong: `must begin with the header ${COLUMNS.join()}` };
    // The parser's own message may quote the row.
    if (error instanceof CsvError) {
      return { wrong: `is no CSV from line ${error["lines"]} on (${error.code})` };
    }
    if (error instanceof TypeError) return { wrong: "is not UTF-8: save it as such" };
    throw error;
  }
}

function readRow(record: z.output<typeof Cells>): Omit<Row, "line"> | Wrong {
  const username = of("username", readUsername(record.username));
  if (isWrong(username)) return username;
  const nama = of("nama", readNama(record.nama));
  if (isWrong(nama)) return nama;
  const email = of("email", readEmail(record.email));
  if (isWrong(email)) return email;
  const roles = of("roles", readRoles(record.roles));
  if (isWrong(roles)) return roles;
  const scope = of("provinsi", readScope(record.provinsi));
  if (isWrong(scope)) return scope;
  return of("provinsi", scopeFault(roles, scope)) ?? { username, nama, email, roles, scope };
}

function of<T>(field: string, value: T | Wrong): T | Wrong {
  return isWrong(value) ? { wrong: `"${field}" ${value.wrong}` } : value;
}

/** Two rows for one user, or one address for two: which of them is meant, nobody can tell. */
function repeated({ username, email }: Omit<Row, "line">, lines: Map<string, number>, line: number) {
  for (const [field, value] of [["username", username], ["email", email?.toLowerCase()]] as const) {
    if (value === undefined) continue;
    const before = lines.get(`${field} ${value}`);
    if (before !== undefined) return `"${field}" is the same as on line ${before}`;
    lines.set(`${field} ${value}`, line);
  }
  return undefined;
}

class WrongHeader extends Error {}

const COLUMNS = ["username", "nama", "email", "roles", "provinsi"] as const;
export const MOST_BYTES = 4 * 1024 * 1024;
const MOST_ROWS = 10_000;

const Cells = z.record(z.enum(COLUMNS), z.string());
const Records = z.array(z.object({ record: Cells, info: z.object({ lines: z.int() }) }));

export interface ReadFile {
  readonly good: readonly Row[];
  readonly bad: readonly BadRow[];
}

export interface Row {
  /** In the file, where the row ends; the header is on line 1. */
  readonly line: number;
  readonly username: Username;
  readonly nama: string;
  readonly email: string | undefined;
  readonly roles: ReadonlySet<PersonRole>;
  readonly scope: Scope | undefined;
}

export interface BadRow {
  readonly line: number;
  /** Names the field and says what it takes. */
  readonly why: string;
}

import { createReadStream } from "node:fs";
import { createInterface } from "node:readline/promises";
import { basename } from "node:path";
import { z } from "zod";
import { type AuditReader, columnsFit } from "../../../shared/adapters/postgres/audit_reader.ts";
import { readSealed } from "../../../shared/security/audit/read_sealed.ts";
import { sha256 } from "../../../shared/security/audit/sha256.ts";
import {
  compareCopies,
  CopyVerifier,
  type Finding,
  type KnownEnd,
  type VerifiedCopy,
} from "../../../shared/security/audit/verify.ts";

/** Verifies every copy of the audit that is given, each by itself, by the others and by the ends noted earlier. */
export async function verifyAudit({ reader, files, known, now }: VerifyOptions): Promise<Verification> {
  const settledUntil = new Date(now.getTime() - SETTLE_MS);
  const options = { settledUntil, known, sha256 };
  const copies: VerifiedCopy[] = [];
  const findings: Finding[] = [];
  if (files.length > 0) {
    const verifier = new CopyVerifier({ ...options, sink: "file", place: "files" });
    for (const file of await byTime(files)) await readFile(file, verifier);
    copies.push(verifier.result());
  }
  if (reader) {
    const verifier = new CopyVerifier({ ...options, sink: "table", place: "table" });
    for await (const row of reader.rows()) {
      const place = `table row ${row.id}`;
      verifier.add(row.line, place);
      const sealed = readSealed(row.line);
      if (sealed && !columnsFit(row, sealed.line)) {
        findings.push({ what: "columns differ from the line", place });
      }
    }
    copies.push(verifier.result());
    for (const id of await reader.unrecorded()) {
      findings.push({ what: "registered, and no line tells of it", place: `penduduk row ${id}` });
    }
  }
  findings.push(...copies.flatMap((copy) => copy.findings), ...compareCopies(copies, known));
  return { copies, findings, ends: endsOf(copies) };
}

export interface VerifyOptions {
  readonly reader: AuditReader | undefined;
  readonly files: readonly string[];
  readonly known: readonly KnownEnd[];
  readonly now: Date;
}

export interface Verification {
  readonly copies: readonly VerifiedCopy[];
  readonly findings: readonly Finding[];
  /** To be noted for the next time. */
  readonly ends: readonly KnownEnd[];
}

/** What an anchor file holds. */
export const Anchor = z.strictObject({
  ends: z.array(z.strictObject({ writer: z.uuid(), seq: z.int().nonnegative(), hash: z.string() })),
});

/** Rotated files, the oldest first, whatever they are called. */
async function byTime(files: readonly string[]): Promise<readonly string[]> {
  const begun = await Promise.all(files.map(async (file) => ({ file, time: await timeOfFirstLine(file) })));
  return begun.toSorted((a, b) => a.time < b.time ? -1 : 1).map(({ file }) => file);
}

async function timeOfFirstLine(file: string): Promise<string> {
  for await (const line of linesOf(file)) return readSealed(line)?.line["@timestamp"] ?? "";
  return "";
}

async function readFile(file: string, verifier: CopyVerifier): Promise<void> {
  let number = 0;
  for await (const line of linesOf(file)) verifier.add(line, `${basename(file)}:${++number}`);
}

function linesOf(file: string): AsyncIterable<string> {
  return createInterface({ input: createReadStream(file, "utf8"), crlfDelay: Infinity });
}

/** The furthest end of each chain. */
function endsOf(copies: readonly VerifiedCopy[]): readonly KnownEnd[] {
  const ends = new Map<string, KnownEnd>();
  for (const { chains } of copies) {
    for (const [writer, { seq, hash }] of chains) {
      if (seq > (ends.get(writer)?.seq ?? -1)) ends.set(writer, { writer, seq, hash });
    }
  }
  return [...ends.values()];
}

/** Longer than a line may be on its way from one sink to the next. */
const SETTLE_MS = 10_000;

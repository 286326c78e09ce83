import { type AuditReader, columnsFit } from "../../shared/adapters/postgres/audit_reader.ts";
import type { VerifiedPart } from "../../shared/adapters/postgres/audit_progress.ts";
import { readSealed } from "../../shared/security/audit/read_sealed.ts";
import { sha256 } from "../../shared/security/audit/sha256.ts";
import { CopyVerifier, type Finding, type KnownEnd } from "../../shared/security/audit/verify.ts";

/**
 * Verifies the table of the audit a part further than `last` did, with the verifier of `deno task audit verify`. A run
 * that is over is followed by one that goes on where it ended when it found nothing, else by one from the first line.
 * Ends at the bounds, wherever it is: the next part goes on there.
 */
export async function verifyPart(context: PartContext): Promise<VerifiedPart> {
  const { reader, last, fromStart, actor, now, bounds } = context;
  const goesOn = last !== undefined && !fromStart && (!last.complete || last.findings.length === 0);
  const before = goesOn ? last : { ...NOTHING, beganAt: now };
  const settledUntil = new Date(now.getTime() - SETTLE_MS);
  const verifier = new CopyVerifier({
    sink: "table",
    place: "table",
    sha256,
    settledUntil,
    goOnFrom: before.ends,
  });
  const ends = new Map(before.ends.map((end) => [end.writer, end]));
  const findings: Finding[] = [];
  let { lines, lastId, lastAt } = before;
  let [read, settling, complete] = [0, true, true];
  for await (const row of reader.rows({ after: before.lastId ?? undefined, page: PAGE })) {
    if (read === bounds.lines || bounds.signal.aborted) {
      complete = false;
      break;
    }
    read++;
    const place = `table row ${row.id}`;
    verifier.add(row.line, place);
    const line = readSealed(row.line)?.line;
    if (line && !columnsFit(row, line)) findings.push({ what: "columns differ from the line", place });
    // Behind it a line of another process may still come.
    settling &&= row.at <= settledUntil;
    if (!settling) continue;
    lines++;
    [lastId, lastAt] = [row.id, row.at];
    if (line) {
      noteEnd(ends, line["kependudukan.chain.writer"], line["event.action"] === "audit.stop", {
        seq: line["kependudukan.chain.seq"],
        hash: line["kependudukan.chain.hash"],
      });
    }
  }
  const earlier = goesOn && !last.complete ? last.findings : [];
  return {
    at: now,
    actor,
    beganAt: goesOn && !last.complete ? last.beganAt : now,
    complete,
    lines,
    lastId,
    lastAt,
    ends: [...ends.values()],
    findings: [...earlier, ...findings, ...verifier.result().findings].slice(0, FINDINGS),
  };
}

export interface PartContext {
  readonly reader: Pick<AuditReader, "rows">;
  /** What the part before came to. */
  readonly last: VerifiedPart | undefined;
  /** Leaves the part before alone and begins at the first line. */
  readonly fromStart: boolean;
  /** Who wants it. */
  readonly actor: string;
  readonly now: Date;
  readonly bounds: {
    readonly lines: number;
    /** Ends the part after the line under way. */
    readonly signal: AbortSignal;
  };
}

/** A chain that was closed goes on no more: a line behind its end would be found, for it began at none. */
function noteEnd(
  ends: Map<string, KnownEnd>,
  writer: string,
  closed: boolean,
  end: Omit<KnownEnd, "writer">,
): void {
  if (closed) ends.delete(writer);
  else ends.set(writer, { writer, ...end });
}

const NOTHING = { lines: 0, lastId: null, lastAt: null, ends: [] };
/** Longer than a process may hold a line back: what is older is not read again. */
const SETTLE_MS = 120_000;
const PAGE = 500;
const FINDINGS = 100;

import type { AuditSinkName, SealedLine } from "../../ports/audit_sink.ts";
import { canonical, NOTHING_BEFORE, type Sha256 } from "./chain.ts";
import { readSealed } from "./read_sealed.ts";

/**
 * Checks the lines of one copy of the audit, in the order in which it holds them. A chain that was cut short, or was
 * written anew as a whole, is in itself without fault: `compareCopies` and the ends noted earlier find it.
 */
export class CopyVerifier {
  readonly #options: VerifierOptions;
  readonly #chains = new Map<string, ChainEnd>();
  readonly #newest = new Map<string, Link>();
  readonly #findings: Finding[] = [];
  #lines = 0;

  constructor(options: VerifierOptions) {
    this.#options = options;
    for (const end of options.goOnFrom ?? []) this.#newest.set(end.writer, { ...end, prev: "" });
  }

  /** `place` tells people where the line stands, for instance "audit.jsonl:12". */
  add(text: string, place: string): void {
    this.#lines++;
    const sealed = readSealed(text);
    if (!sealed) return void this.#findings.push({ what: "not a line of the audit", place });
    const link = linkOf(sealed.line);
    const find = (what: string) => this.#findings.push({ what, place, writer: link.writer, seq: link.seq });
    if (!isUntouched(sealed, this.#options.sha256)) find("altered");

    const before = this.#newest.get(link.writer);
    const expected = before ? before.seq + 1 : 0;
    if (link.seq < expected) return void find("repeated or out of order");
    if (link.seq > expected) find(`${link.seq - expected} lines removed before it`);
    else if (link.prev !== (before?.hash ?? NOTHING_BEFORE)) find("not the next line of its chain");
    const known = this.#options.known?.find(({ writer, seq }) => writer === link.writer && seq === link.seq);
    if (known && known.hash !== link.hash) find("another line than when it was last verified");
    this.#newest.set(link.writer, link);
    this.#settle(sealed, link);
  }

  result(): VerifiedCopy {
    const { sink, place } = this.#options;
    return { sink, place, lines: this.#lines, chains: this.#chains, findings: this.#findings };
  }

  #settle({ line }: SealedLine, { writer, seq, hash }: Link): void {
    if (Date.parse(line["@timestamp"]) > this.#options.settledUntil.getTime()) return;
    const sinks = this.#chains.get(writer)?.sinks ?? line["kependudukan.sinks"] ?? [];
    this.#chains.set(writer, { seq, hash, sinks, closed: line["event.action"] === "audit.stop" });
  }
}

export interface VerifierOptions extends CopyName {
  readonly sha256: Sha256;
  /** Lines after it may still be on their way to another copy: their chains are compared up to here only. */
  readonly settledUntil: Date;
  /** Ends that were noted at an earlier time. */
  readonly known?: readonly KnownEnd[];
  /** Where the chains stood before the first line that is added: those before it were verified at an earlier time. */
  readonly goOnFrom?: readonly KnownEnd[];
}

/**
 * What the copies say of each other: every chain must stand, to the same end, in each copy of the sinks that its first
 * line names, and never ends before an end that was noted at an earlier time.
 */
export function compareCopies(
  copies: readonly VerifiedCopy[],
  known: readonly KnownEnd[] = [],
): readonly Finding[] {
  const writers = new Set([
    ...copies.flatMap(({ chains }) => [...chains.keys()]),
    ...known.map(({ writer }) => writer),
  ]);
  return [...writers].flatMap((writer) => compareChain(writer, copies, known));
}

function compareChain(
  writer: string,
  copies: readonly VerifiedCopy[],
  known: readonly KnownEnd[],
): Finding[] {
  const ends = copies.flatMap(({ chains }) => chains.get(writer) ?? []);
  const sinks = new Set(ends.flatMap((end) => end.sinks));
  const noted = known.filter((end) => end.writer === writer);
  const furthest = [...ends, ...noted].reduce((far, end) => end.seq > far.seq ? end : far);
  return copies.flatMap(({ sink, place, chains }): Finding[] => {
    const end = chains.get(writer);
    const finding = { place, writer, seq: end?.seq ?? -1 };
    if (!end) {
      const belongs = sinks.has(sink) || ends.length === 0;
      return belongs ? [{ ...finding, what: "whole chain missing", seq: furthest.seq }] : [];
    }
    if (end.seq < furthest.seq) {
      return [{
        ...finding,
        what: `cut off here: ${furthest.seq - end.seq} lines more are known of elsewhere`,
      }];
    }
    return end.hash === furthest.hash ? [] : [{ ...finding, what: "another line than in another copy" }];
  });
}

/** The text must be the canonical form too: JSON can say the same, or twice, in many ways. */
function isUntouched({ line, text }: SealedLine, sha256: Sha256): boolean {
  const { "kependudukan.chain.hash": hash, ...unsealed } = line;
  return text === canonical({ ...line }) && sha256(canonical(unsealed)) === hash;
}

function linkOf(line: SealedLine["line"]): Link {
  return {
    writer: line["kependudukan.chain.writer"],
    seq: line["kependudukan.chain.seq"],
    prev: line["kependudukan.chain.prev"],
    hash: line["kependudukan.chain.hash"],
  };
}

export interface CopyName {
  readonly sink: AuditSinkName;
  /** For people: the path of a file, or "table". */
  readonly place: string;
}

export interface VerifiedCopy extends CopyName {
  readonly lines: number;
  /** By writer. */
  readonly chains: ReadonlyMap<string, ChainEnd>;
  readonly findings: readonly Finding[];
}

export interface ChainEnd {
  readonly seq: number;
  readonly hash: string;
  /** Where the writer said that it writes. */
  readonly sinks: readonly AuditSinkName[];
  /** Whether its last line says that it ended in good order; else its process runs, or was killed, or it was cut off. */
  readonly closed: boolean;
}

export interface KnownEnd {
  readonly writer: string;
  readonly seq: number;
  readonly hash: string;
}

export interface Finding {
  readonly what: string;
  readonly place: string;
  readonly writer?: string;
  readonly seq?: number;
}

interface Link extends KnownEnd {
  readonly prev: string;
}

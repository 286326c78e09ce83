import type { SealedLine } from "../../ports/audit_sink.ts";
import type { AuditFields } from "./line.ts";

/** Links the lines of one writer: each holds the hash of the one before it, so that none can be changed alone. */
export class Chain {
  #seq = 0;
  #prev = NOTHING_BEFORE;

  constructor(readonly writer: string, readonly sha256: Sha256) {}

  seal(fields: AuditFields): SealedLine {
    const unsealed = {
      ...fields,
      "kependudukan.chain.writer": this.writer,
      "kependudukan.chain.seq": this.#seq,
      "kependudukan.chain.prev": this.#prev,
    };
    const text = canonical(unsealed);
    const hash = this.sha256(text);
    this.#seq++;
    this.#prev = hash;
    return { line: { ...unsealed, "kependudukan.chain.hash": hash }, text: withHash(text, hash) };
  }
}

/** RFC 8785 for a flat object of strings, safe integers and lists of strings: there, sorted names are all of it. */
export function canonical(line: FlatObject): string {
  return JSON.stringify(line, Object.keys(line).sort());
}

/**
 * The canonical text of the same line with its hash, which has its place before the hash of the line before it. The
 * name with its colon stands nowhere else: in a value, JSON would escape its quotes.
 */
function withHash(text: string, hash: string): string {
  const place = text.indexOf('"kependudukan.chain.prev":');
  return `${text.slice(0, place)}"kependudukan.chain.hash":"${hash}",${text.slice(place)}`;
}

export interface FlatObject {
  readonly [name: string]: string | number | readonly string[];
}

/** In hexadecimal. Given from outside: node:crypto is four times as fast, and the edge's runtimes have none. */
export type Sha256 = (text: string) => string;

export const NOTHING_BEFORE = "0".repeat(64);

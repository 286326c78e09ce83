/** What comes over a connection, cut as the reader wants it. Rejects with a `TypeError` when it ends too early. */
export class Received {
  readonly #next: () => Promise<Uint8Array | undefined>;
  /** Not read yet; `#next` may write over it, and so is called only once it is empty or copied. */
  #bytes: Uint8Array = NOTHING;

  /** `next` resolves with undefined at the end of the connection. */
  constructor(next: () => Promise<Uint8Array | undefined>) {
    this.#next = next;
  }

  get isEmpty(): boolean {
    return this.#bytes.length === 0;
  }

  /** The text before `mark`, which is read as well. */
  async until(mark: string): Promise<string> {
    let text = "";
    for (;;) {
      const seen = text.length;
      text += LATIN1.decode(this.#bytes);
      const end = text.indexOf(mark, Math.max(0, seen - mark.length));
      if (end >= 0) {
        this.#bytes = this.#bytes.subarray(end + mark.length - seen);
        return text.slice(0, end);
      }
      if (text.length > MOST_HEAD) throw brokenAnswer("its head is too large");
      this.#bytes = await this.#more();
    }
  }

  async take(length: number): Promise<Uint8Array<ArrayBuffer>> {
    const taken = new Uint8Array(length);
    for (let filled = 0;;) {
      const part = this.#bytes.subarray(0, length - filled);
      taken.set(part, filled);
      filled += part.length;
      this.#bytes = this.#bytes.subarray(part.length);
      if (filled === length) return taken;
      this.#bytes = await this.#more();
    }
  }

  /** All until the end of the connection. */
  async rest(most: number): Promise<Uint8Array<ArrayBuffer>> {
    const parts: Uint8Array<ArrayBuffer>[] = [];
    let length = 0;
    for (let part: Uint8Array | undefined = this.#bytes; part; part = await this.#next()) {
      if ((length += part.length) > most) throw brokenAnswer("it is too large");
      parts.push(part.slice());
    }
    this.#bytes = NOTHING;
    return joined(parts);
  }

  async #more(): Promise<Uint8Array> {
    const bytes = await this.#next();
    if (!bytes) throw brokenAnswer("the connection ended before it");
    return bytes;
  }
}

export function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export function brokenAnswer(reason: string, cause?: unknown): TypeError {
  return new TypeError(`Read the origin's answer failed: ${reason}`, { cause });
}

const MOST_HEAD = 64 * 1024;
const NOTHING = new Uint8Array(0);
/** A character for each byte. */
const LATIN1 = new TextDecoder("latin1");

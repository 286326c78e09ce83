import { brokenAnswer, joined, Received } from "./received.ts";

/**
 * Reads the answer to a request of `method` (RFC 9112, 6.3). Rejects with a `TypeError` for one that breaks off, has more
 * than 64 MiB, or of which two readers could see two ends. What `next` resolves with may be written over by the
 * following call.
 */
export async function readAnswer(
  next: () => Promise<Uint8Array | undefined>,
  method: string,
): Promise<ReadAnswer> {
  const received = new Received(next);
  let head = readHead(await received.until("\r\n\r\n"));
  while (head.status < 200) {
    if (head.status === 101) throw brokenAnswer("nobody asked for another protocol");
    head = readHead(await received.until("\r\n\r\n"));
  }
  const { status, headers, isLast } = head;
  const end = endOf(head, method);
  const body = await readBody(end, received);
  const mayGoOn = !isLast && end !== "closed" && received.isEmpty;
  return { answer: { status, headers, body }, mayGoOn };
}

export interface Http1Answer {
  readonly status: number;
  /** Names in small letters, in the order in which they came. */
  readonly headers: readonly Http1Header[];
  readonly body: Uint8Array<ArrayBuffer>;
}

export type Http1Header = [name: string, value: string];

export interface ReadAnswer {
  readonly answer: Http1Answer;
  /** Another request may be sent over the same connection. */
  readonly mayGoOn: boolean;
}

function readHead(text: string): Head {
  const [line = "", ...fields] = text.split("\r\n");
  const [, minor, status] = /^HTTP\/1\.([01]) ([1-5]\d\d)(?: |$)/.exec(line) ?? [];
  if (minor === undefined || status === undefined) throw brokenAnswer("it is not HTTP/1.1");
  const head: Head = { status: Number(status), headers: [], isLast: minor === "0" };
  for (const field of fields) readField(field, head);
  if (head.length !== undefined && head.isChunked) throw brokenAnswer("it tells two lengths");
  return head;
}

function readField(field: string, head: Head): void {
  const colon = field.indexOf(":");
  const name = field.slice(0, Math.max(0, colon)).toLowerCase();
  // A line that goes on from the one before it begins with a space.
  if (!TOKEN.test(name)) throw brokenAnswer("it has a header without a name");
  const value = field.slice(colon + 1).trim();
  if (name === "content-length") head.length = lengthOf(value, head.length);
  else if (name === "transfer-encoding") head.isChunked = isChunked(value, head);
  else if (name === "connection" && /\bclose\b/i.test(value)) head.isLast = true;
  else if (name === "content-encoding" && value !== "identity") throw brokenAnswer("it is encoded, unasked");
  head.headers.push([name, value]);
}

function lengthOf(value: string, told: number | undefined): number {
  if (!/^\d{1,9}$/.test(value)) throw brokenAnswer("its length is no number");
  const length = Number(value);
  if (told !== undefined && told !== length) throw brokenAnswer("it tells two lengths");
  return withinMost(length);
}

function isChunked(value: string, head: Head): true {
  if (head.isChunked || value.toLowerCase() !== "chunked") throw brokenAnswer("its coding is not known");
  return true;
}

function endOf({ status, length, isChunked }: Head, method: string): End {
  if (method === "HEAD" || status === 204 || status === 304) return 0;
  return isChunked ? "chunked" : length ?? "closed";
}

async function readBody(end: End, received: Received): Promise<Uint8Array<ArrayBuffer>> {
  if (end === "chunked") return await readChunks(received);
  return end === "closed" ? await received.rest(MOST_BYTES) : await received.take(end);
}

/** RFC 9112, 7.1; what stands behind the last chunk is read and forgotten. */
async function readChunks(received: Received): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  for (let total = 0;;) {
    const size = /^([0-9a-f]{1,7})[ \t]*(?:;.*)?$/i.exec(await received.until("\r\n"))?.[1];
    if (size === undefined) throw brokenAnswer("a chunk tells no size");
    const length = Number.parseInt(size, 16);
    if (length === 0) break;
    total = withinMost(total + length);
    chunks.push(await received.take(length));
    if (await received.until("\r\n") !== "") throw brokenAnswer("a chunk is longer than its size");
  }
  while (await received.until("\r\n") !== "");
  return joined(chunks);
}

function withinMost(bytes: number): number {
  if (bytes > MOST_BYTES) throw brokenAnswer("it is too large");
  return bytes;
}

const MOST_BYTES = 64 * 1024 * 1024;
/** RFC 9110, 5.6.2. */
const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/;

interface Head {
  readonly status: number;
  readonly headers: Http1Header[];
  length?: number;
  isChunked?: true;
  /** The other side closes the connection behind it. */
  isLast: boolean;
}

/** What tells the end of a body: a number of bytes, a last chunk, or the end of the connection. */
type End = number | "chunked" | "closed";

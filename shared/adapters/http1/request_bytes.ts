/** A request as it goes over the line (RFC 9112, 3), in one piece. Throws a `TypeError` for what would break out of it. */
export function requestBytes({ origin, path, method, headers, body }: Http1Request): Uint8Array<ArrayBuffer> {
  let head = `${method} ${targetOf(path, origin)} HTTP/1.1\r\nhost: ${origin.slice("http://".length)}\r\n`;
  for (const [name, value] of Object.entries(headers)) {
    if (!VALUE.test(value)) {
      throw new TypeError(`Send header "${name}" failed: its value has control characters`);
    }
    head += `${name}: ${value}\r\n`;
  }
  // Nobody here would take a coding off again.
  head += "accept-encoding: identity\r\n";
  if (body) head += `content-length: ${body.byteLength}\r\n`;
  head += "\r\n";
  const bytes = new Uint8Array(head.length + (body?.byteLength ?? 0));
  writeLatin1(head, bytes);
  if (body) bytes.set(new Uint8Array(body), head.length);
  return bytes;
}

export interface Http1Request {
  /** `http:`, host and port. */
  readonly origin: string;
  /** With the query. */
  readonly path: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: ArrayBuffer | undefined;
  readonly signal: AbortSignal;
}

/** Header values are bytes, a character each. */
function writeLatin1(text: string, bytes: Uint8Array): void {
  const { read } = UTF8.encodeInto(text, bytes.subarray(0, text.length));
  // Whatever is not ASCII takes more room as UTF-8.
  if (read === text.length) return;
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
}

function targetOf(path: string, origin: string): string {
  if (/^\/[\x21-\x7e]*$/.test(path)) return path;
  const { pathname, search } = new URL(origin + path);
  return pathname + search;
}

const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
const UTF8 = new TextEncoder();

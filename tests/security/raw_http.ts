/** Sends bytes as they are, which no HTTP client would, and answers what came back until the other side closed or fell silent. */
export async function sendRaw(port: number, ...parts: readonly (string | Uint8Array)[]): Promise<RawAnswer> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  try {
    for (const part of parts) await writeAll(connection, bytesOf(part));
  } catch (error) {
    // Closed by the other side before it had read everything: what it said first is still to be read.
    if (!isClosed(error)) throw error;
  }
  const { text, closed } = await readAll(connection);
  const statuses = [...text.matchAll(/^HTTP\/1\.[01] (\d{3})/gm)].map(([, status]) => Number(status));
  return { statuses, text, closed };
}

export interface RawAnswer {
  /** Of all answers on the connection, in their order. */
  readonly statuses: readonly number[];
  readonly text: string;
  readonly closed: boolean;
}

async function readAll(connection: Deno.TcpConn): Promise<{ text: string; closed: boolean }> {
  const decoder = new TextDecoder("latin1");
  const buffer = new Uint8Array(64 * 1024);
  let text = "";
  while (true) {
    const silence = Promise.withResolvers<"silent">();
    const timer = setTimeout(() => silence.resolve("silent"), SILENCE_MS);
    try {
      const read = await Promise.race([connection.read(buffer), silence.promise]);
      if (read === "silent") return { text, closed: false };
      if (read === null) return { text, closed: true };
      text += decoder.decode(buffer.subarray(0, read), { stream: true });
    } catch (error) {
      if (isClosed(error)) return { text, closed: true };
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }
}

async function writeAll(connection: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  for (let sent = 0; sent < bytes.length;) sent += await connection.write(bytes.subarray(sent));
}

function isClosed(error: unknown): boolean {
  return error instanceof Deno.errors.ConnectionReset || error instanceof Deno.errors.BrokenPipe ||
    error instanceof Deno.errors.ConnectionAborted;
}

function bytesOf(part: string | Uint8Array): Uint8Array {
  return typeof part === "string" ? Uint8Array.from(part, (char) => char.charCodeAt(0)) : part;
}

const SILENCE_MS = 400;

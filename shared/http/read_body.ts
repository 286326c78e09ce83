import type { Context } from "hono";
import type { AppEnv } from "./app.ts";
import { untilAborted } from "../resilience/until_aborted.ts";
import { Problem } from "./problem.ts";

/** The largest request body that is read, in bytes. */
export const BODY_LIMIT = 16 * 1024;

/**
 * Reads the body; throws the `Problem` for one that is too large, that breaks off, or that has not all come when
 * `signal` aborts, at an origin the request's deadline: a client that sends a byte now and then would hold its
 * connection for ever.
 */
export async function readBody(
  c: Context<AppEnv>,
  signal: AbortSignal = c.get("deadline") ?? AbortSignal.timeout(BODY_MS),
): Promise<ArrayBuffer> {
  try {
    const announced = c.req.header("content-length") !== undefined;
    return await untilAborted(announced ? c.req.arrayBuffer() : readUnannounced(c.req.raw.body), signal);
  } catch (cause) {
    if (cause instanceof Problem) throw cause;
    if (signal.aborted) {
      throw new Problem("BODY_TOO_SLOW", "Isi permintaan tidak diterima pada waktunya; kirim ulang", {
        cause,
      });
    }
    throw new Problem("MALFORMED_JSON", "Isi permintaan tidak utuh; kirim ulang", { cause });
  }
}

/** Refuses by the announced length alone, before anything is read. */
export function refuseLargeBody(c: Context): void {
  if (Number(c.req.header("content-length") ?? 0) > BODY_LIMIT) throw tooLarge();
}

async function readUnannounced(body: ReadableStream<Uint8Array> | null): Promise<ArrayBuffer> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  for await (const chunk of body ?? []) {
    length += chunk.byteLength;
    if (length > BODY_LIMIT) throw tooLarge();
    chunks.push(new Uint8Array(chunk));
  }
  return await new Blob(chunks).arrayBuffer();
}

function tooLarge(): Problem {
  return new Problem("BODY_TOO_LARGE", `Isi permintaan melebihi ${BODY_LIMIT / 1024} KiB`);
}

const BODY_MS = 10_000;

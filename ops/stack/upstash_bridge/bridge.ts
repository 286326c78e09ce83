/**
 * Answers Upstash's REST protocol: `POST /` with one command as a JSON array, `POST /pipeline` with an array of them.
 * Source: https://upstash.com/docs/redis/features/restapi
 */
export function createBridge({ token, run }: BridgeOptions): (request: Request) => Promise<Response> {
  return async function bridge(request) {
    if (request.headers.get("authorization") !== `Bearer ${token}`) {
      return Response.json({ error: "WRONGPASS invalid or missing auth token" }, { status: 401 });
    }
    const encode = request.headers.get("upstash-encoding") === "base64"
      ? toBase64
      : (reply: unknown) => reply;
    const answer = async (command: unknown): Promise<Answer> => {
      if (!isCommand(command)) return { error: "ERR Command is not an array of strings and numbers" };
      try {
        return { result: encode(await run([String(command[0]), ...command.slice(1).map(String)])) };
      } catch (error) {
        if (error instanceof Error && error.name === "ReplyError") return { error: error.message };
        throw error;
      }
    };
    const path = new URL(request.url).pathname;
    const body = await readJson(request);
    try {
      if (request.method === "POST" && path === "/") {
        const answered = await answer(body);
        return Response.json(answered, { status: "error" in answered ? 400 : 200 });
      }
      if (request.method === "POST" && path === "/pipeline" && Array.isArray(body)) {
        return Response.json(await Promise.all(body.map(answer)));
      }
    } catch {
      return Response.json({ error: "ERR the Redis behind is away" }, { status: 503 });
    }
    return Response.json({ error: "ERR unknown request" }, { status: 400 });
  };
}

async function readJson(request: Request): Promise<unknown> {
  try {
    return await request.json();
  } catch {
    return undefined;
  }
}

function isCommand(value: unknown): value is readonly [string | number, ...(string | number)[]] {
  return Array.isArray(value) && value.length > 0 &&
    value.every((part) => typeof part === "string" || typeof part === "number");
}

/** Every text but "OK", which the client takes as it is. */
function toBase64(reply: unknown): unknown {
  if (Array.isArray(reply)) return reply.map(toBase64);
  if (typeof reply !== "string" || reply === "OK") return reply;
  return btoa(String.fromCharCode(...new TextEncoder().encode(reply)));
}

type Answer = { readonly result: unknown } | { readonly error: string };

export interface BridgeOptions {
  readonly token: string;
  /** Runs one command on the Redis behind. */
  readonly run: (command: readonly [string, ...string[]]) => Promise<unknown>;
}

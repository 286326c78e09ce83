import { createHash } from "node:crypto";
import { getLogger } from "@logtape/logtape";
import { Redis } from "ioredis";
import { untilAborted } from "../../resilience/until_aborted.ts";
import { backoffMs } from "../../resilience/backoff.ts";
import { type Secret, toSecret } from "../../security/secret.ts";
import { type Explanation, FIRST_CONTACT_MS, firstContact, type RemoteStore } from "./first_contact.ts";

/**
 * Logs of the limiter in the Redis that `url` names, `redis://` or with TLS `rediss://`. Resolves as well while that
 * is away, see `firstContact`; it is then sought in the background for ever, and every call fails at once meanwhile.
 * Set no eviction policy there but `noeviction`: an evicted log is a fresh budget. A connection that is made after the
 * URL has changed follows it.
 */
export async function openRedisStore(url: Secret | string): Promise<RemoteStore> {
  const store = new IoredisStore(toSecret(url));
  try {
    await firstContact({ variable: "REDIS_URL", check: (signal) => store.connect(signal), explain });
  } catch (error) {
    store.close();
    throw error;
  }
  return store;
}

class IoredisStore implements RemoteStore {
  readonly #redis: Redis;
  readonly #digests = new Map<string, string>();
  /** Why there is no connection, since ioredis rejects with "Connection is closed" whatever happened. */
  #failure: unknown;
  #reported = "";
  /** Until `firstContact` has told. */
  #quiet = true;

  constructor(url: Secret) {
    this.#redis = new Redis(url.value(), {
      lazyConnect: true,
      protocol: 2,
      // A request that waits in a queue for a store to come back would not be answered at all.
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
      connectTimeout: FIRST_CONTACT_MS,
      // Gives up a connection whose other end has vanished without a word.
      socketTimeout: SILENCE_MS,
      keepAlive: 10_000,
      disableClientInfo: true,
      retryStrategy: (attempt) => {
        Object.assign(this.#redis.options, serverOf(url.value()));
        return RECONNECT.baseMs + backoffMs(attempt, RECONNECT);
      },
    });
    this.#redis.on("error", (error) => this.#failed(error));
    this.#redis.on("ready", () => this.#reported = "");
  }

  async eval(script: string, keys: string[], args: number[]): Promise<unknown> {
    try {
      return await this.#redis.evalsha(this.#digest(script), keys.length, ...keys, ...args);
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith("NOSCRIPT"))) throw error;
      return await this.#redis.eval(script, keys.length, ...keys, ...args);
    }
  }

  async connect(signal: AbortSignal): Promise<void> {
    try {
      await untilAborted(this.#redis.connect(), signal);
    } catch (error) {
      throw this.#failure ?? error;
    } finally {
      this.#quiet = false;
    }
    // A database number that does not exist is answered with an error event on a connection that stands.
    if (this.#failure) throw this.#failure;
  }

  async check(signal: AbortSignal): Promise<void> {
    await untilAborted(this.#redis.ping(), signal);
  }

  close(): void {
    this.#redis.disconnect();
  }

  /** One line for each new reason, not for each attempt. */
  #failed(error: unknown): void {
    this.#failure = error;
    const { reason } = explain(error);
    if (reason === this.#reported) return;
    this.#reported = reason;
    if (!this.#quiet) log.warn("No connection to the Redis of REDIS_URL: {reason}", { reason });
  }

  #digest(script: string): string {
    const known = this.#digests.get(script);
    if (known !== undefined) return known;
    const digest = createHash("sha1").update(script).digest("hex");
    this.#digests.set(script, digest);
    return digest;
  }
}

/** What a URL says, as the package itself reads it. */
function serverOf(url: string) {
  const { options } = new Redis(url, { lazyConnect: true });
  const { host, port, username, password, db, tls } = options;
  return { host, port, username, password, db, tls };
}

/** A few words for each way to fail; a message is never repeated, since it may hold a command and with it a subject. */
function explain(error: unknown): Explanation {
  const text = error instanceof Error
    ? `${error.name} ${Reflect.get(error, "code") ?? ""} ${error.message}`
    : "";
  const found = REASONS.find(([pattern]) => pattern.test(text));
  if (!found) return { reason: "no answer" };
  const [, reason, useless] = found;
  return { reason, ...(useless && { useless: "REDIS_URL" }) };
}

const USELESS = true;
const REASONS: readonly (readonly [pattern: RegExp, reason: string, useless?: boolean])[] = [
  [/WRONGPASS|invalid password/, "holds a user or password that the Redis refuses", USELESS],
  [/NOAUTH/, "needs a password: redis://:PASSWORD@host", USELESS],
  [/NOPERM/, "names a user who may not run the limiter's commands", USELESS],
  [/DB index/, "names a database number that the Redis does not have", USELESS],
  [/Unknown RESP type/, "names a server that is no Redis", USELESS],
  [
    /CERT|certificate|ERR_TLS/i,
    "names a Redis whose certificate is not trusted or not for this host",
    USELESS,
  ],
  [/ECONNRESET/, "the connection is closed at once (if it wants TLS: rediss://)"],
  [/ETIMEDOUT|TimeoutError/, "no answer in time (if it does not speak TLS: redis://)"],
  [/ECONNREFUSED/, "the connection is refused"],
  [/ENOTFOUND|EAI_AGAIN/, "the host name is not known"],
  [/LOADING/, "it is still loading its data"],
];

const RECONNECT = { baseMs: 50, capMs: 2_000 };
const SILENCE_MS = 2_000;

const log = getLogger(["kependudukan", "rate-limit"]);

// @ts-types="@types/pg"
import pg from "pg";
import { getLogger } from "@logtape/logtape";
import { backoffMs, sleep } from "../../resilience/backoff.ts";
import { type Secret, toSecret } from "../../security/secret.ts";
import { classify } from "./errors.ts";
import { logIn } from "./log_in.ts";
import { withSettings } from "./url.ts";

/**
 * Runs `work` on a connection of its own, and after a loss or failure again on a new one, with full jitter between,
 * until it resolves or `stop` aborts. For what lives as long as one connection: advisory locks and LISTEN.
 */
export async function keepSession(options: SessionOptions, work: Work<void>): Promise<void> {
  const { name, stop } = options;
  for (let attempt = 0; !stop.aborted; attempt++) {
    const began = performance.now();
    try {
      return await withSession(options, work);
    } catch (error) {
      const { code } = classify(error);
      if (stop.aborted) return log.debug("Session {name} ended by {code} while stopping", { name, code });
      log.warn("Session {name} was lost to {code} and begins anew", { name, code });
    }
    if (performance.now() - began > SETTLED_MS) attempt = 0;
    await sleep(backoffMs(attempt, { capMs: RECONNECT_CAP_MS }), stop);
  }
}

/** Runs `work` once on a connection of its own. Rejects when the connection was lost meanwhile. */
export async function withSession<T>(options: SessionOptions, work: Work<T>): Promise<T> {
  const { stop, idleMs = IDLE_MS } = options;
  const secret = toSecret(options.url);
  const { client, url } = await logIn(secret, (url) => connect(url, options));
  const changed = () => secret.value() !== url;
  const lost = new AbortController();
  const fail = (reason: unknown) => lost.abort(reason);
  client.on("error", fail);
  client.on("end", () => fail(new Error("Connection terminated")));
  try {
    const signal = AbortSignal.any([stop, lost.signal]);
    void beat(client, idleMs / 3, lost.signal, changed).catch(fail);
    const result = await work({ client, lost: lost.signal, signal, fail });
    lost.signal.throwIfAborted();
    return result;
  } finally {
    fail(new Error("Session is over"));
    await client.end();
  }
}

async function connect(url: string, { name, idleMs = IDLE_MS }: SessionOptions) {
  const client = new pg.Client({
    // The server ends the session, and with it its locks, when this process is frozen or cut off.
    connectionString: withSettings(url, { idle_session_timeout: String(idleMs) }),
    application_name: name,
    connectionTimeoutMillis: CONNECT_MS,
    statement_timeout: STATEMENT_MS,
    query_timeout: STATEMENT_MS + CONNECT_MS,
    keepAlive: true,
  });
  // A loss while connecting rejects as well; without a listener it would be an uncaught exception besides.
  client.on("error", () => {});
  try {
    await client.connect();
  } catch (error) {
    await client.end();
    throw error;
  }
  return { client, url };
}

/** Calls `onNotify` for each notification of the channel for as long as the session lives. */
export async function listen(
  { client }: Session,
  channel: string,
  onNotify: (payload: string) => void,
): Promise<void> {
  client.on("notification", (message) => {
    if (message.channel === channel) onNotify(message.payload ?? "");
  });
  await client.query(`listen ${client.escapeIdentifier(channel)}`);
}

/** Shows the server that this process lives, and this process that the server does. */
async function beat(
  client: pg.Client,
  everyMs: number,
  over: AbortSignal,
  changed: () => boolean,
): Promise<void> {
  for (;;) {
    await sleep(everyMs, over);
    if (over.aborted) return;
    if (changed()) throw new LoginChanged();
    await client.query("select 1");
  }
}

class LoginChanged extends Error {
  readonly code = "login-changed";
}

type Work<T> = (session: Session) => Promise<T>;

export interface SessionOptions {
  /** The session begins anew when it changes. */
  readonly url: Secret | string;
  /** Shown by the server as `application_name`. */
  readonly name: string;
  /** Asks the work to end; `work` decides how. */
  readonly stop: AbortSignal;
  /** Milliseconds of silence after which the server ends the session; 30,000 unless told. */
  readonly idleMs?: number;
}

export interface Session {
  readonly client: pg.Client;
  /** Aborts when the connection is lost and with it every lock. */
  readonly lost: AbortSignal;
  /** Aborts when the connection is lost or the work shall stop. */
  readonly signal: AbortSignal;
  /** Gives the session up: `keepSession` begins anew. */
  fail(reason: unknown): void;
}

const CONNECT_MS = 5_000;
const STATEMENT_MS = 10_000;
const IDLE_MS = 30_000;
const RECONNECT_CAP_MS = 5_000;
/** A session that lived this long was no failed attempt. */
const SETTLED_MS = 10_000;

const log = getLogger(["kependudukan", "postgres"]);

import { AsyncLocalStorage } from "node:async_hooks";
import twilio from "twilio";
import type RequestClient from "twilio/lib/base/RequestClient.js";
import type TwilioResponse from "twilio/lib/http/response.js";
import { bodyOnce } from "../../http/body_once.ts";
import type { Secret } from "../../security/secret.ts";
import { outside } from "../../telemetry/span.ts";

/**
 * The package's transport, on `fetch`: requests end with a signal, go to another address than Twilio's where that is
 * configured, and leave once unless Twilio refuses the token. Rejects with `Answered` for a status other than 2xx, with `Unsent` when nothing can have
 * reached the server, and with anything else when nobody knows.
 */
export class FetchClient extends twilio.RequestClient {
  readonly #apiUrl: string;
  readonly #account: TwilioAccount;
  readonly #signals = new AsyncLocalStorage<AbortSignal>();
  readonly #connections = Deno.createHttpClient({ poolIdleTimeout: IDLE_MS });

  constructor(apiUrl: string, account: TwilioAccount) {
    super();
    this.#apiUrl = apiUrl;
    this.#account = account;
  }

  /** Lets the requests that `call` makes end with the signal, for which the package has no parameter. */
  until<T>(signal: AbortSignal, call: () => Promise<T>): Promise<T> {
    return this.#signals.run(signal, call);
  }

  override async request<T>(options: RequestClient.RequestOptions<T>): Promise<TwilioResponse.default<T>> {
    const { accountSid, authToken } = this.#account;
    const signal = this.#signals.getStore() ?? new AbortController().signal;
    let refused: Answered | undefined;
    for await (const token of authToken.candidates(signal)) {
      const response = await this.#send(options, `Basic ${btoa(`${accountSid}:${token}`)}`, signal);
      const text = await response.text();
      if (response.ok) {
        return { statusCode: response.status, body: JSON.parse(text), headers: {}, toString: () => text };
      }
      refused = new Answered(response, text);
      if (response.status !== UNAUTHORIZED) break;
    }
    throw refused;
  }

  async #send<T>(
    options: RequestClient.RequestOptions<T>,
    authorization: string,
    signal: AbortSignal,
  ): Promise<Response> {
    const { pathname, search } = new URL(options.uri);
    return await this.#fetch(this.#apiUrl + pathname + (query(options.params) || search), {
      method: options.method.toUpperCase(),
      headers: { ...options.headers, authorization },
      body: options.data ? bodyOnce(ENCODER.encode(toForm(options.data).toString())) : null,
      redirect: "manual",
      signal,
      client: this.#connections,
    });
  }

  async #fetch(url: string, init: RequestInit & { client: Deno.HttpClient }): Promise<Response> {
    try {
      return await outside(() => fetch(url, init));
    } catch (error) {
      throw isUnsent(error) ? new Unsent() : error;
    }
  }
}

/** Twilio's answer with a status that is no success. */
export class Answered extends Error {
  override readonly name = "Answered";
  readonly status: number;
  /** Twilio's own, where its answer holds one: https://www.twilio.com/docs/api/errors */
  readonly code: number | undefined;
  /** Of the Retry-After header. */
  readonly retryAfterMs: number | undefined;

  constructor({ status, headers }: Response, body: string) {
    const code = codeOf(body);
    super(`Twilio answered with status "${status}" and code "${code ?? "none"}"`);
    this.status = status;
    this.code = code;
    this.retryAfterMs = toMs(headers.get("retry-after"));
  }
}

/** There was no connection, so no byte of the request can have reached the server. */
export class Unsent extends Error {
  override readonly name = "Unsent";
  constructor() {
    super("Connect to Twilio failed");
  }
}

const ENCODER = new TextEncoder();

/** Deno tells the phase in the cause's message alone; whoever words it otherwise makes of it an unknown fate. */
function isUnsent(error: unknown): boolean {
  return error instanceof TypeError && error.cause instanceof Error &&
    error.cause.message.includes("client error (Connect)");
}

function query(params: object | undefined): string {
  const text = toForm(params ?? {}).toString();
  return text && `?${text}`;
}

function toForm(values: object): URLSearchParams {
  const given = Object.entries(values).filter(([, value]) => value !== undefined);
  return new URLSearchParams(given.map(([name, value]) => [name, String(value)]));
}

function codeOf(body: string): number | undefined {
  try {
    const code: unknown = JSON.parse(body).code;
    return typeof code === "number" ? code : undefined;
  } catch {
    return undefined;
  }
}

/** RFC 9110, 10.2.3: seconds or a date. */
function toMs(retryAfter: string | null): number | undefined {
  if (retryAfter === null) return undefined;
  if (/^\d{1,9}$/.test(retryAfter)) return Number(retryAfter) * 1000;
  const until = Date.parse(retryAfter) - Date.now();
  return Number.isNaN(until) ? undefined : Math.max(0, until);
}

export interface TwilioAccount {
  readonly accountSid: string;
  readonly authToken: Secret;
}

/** Refused before anything was done. */
const UNAUTHORIZED = 401;
/** Less than any gateway keeps one open (Twilio's a minute): a message on a connection that just ended is uncertain. */
const IDLE_MS = 20_000;

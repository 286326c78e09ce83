import { z } from "zod";
import { type Answer, type HttpWorld, send } from "./http.ts";

/**
 * The edge as the service account `simulasi` sees it. The token is fetched by client credentials, by one request
 * however many need it, renewed before it expires and after a 401.
 */
export class EdgeClient {
  readonly #options: EdgeOptions;
  readonly #world: HttpWorld;
  #token: Token | undefined;
  #renewal: Promise<Token | Lost> | undefined;

  constructor(options: EdgeOptions, world: HttpWorld) {
    this.#options = options;
    this.#world = world;
  }

  /** Throws `SimulationFailed` when the provider refuses the client: no retry would help. */
  async request(path: string, init: RequestInit = {}, base = this.#options.url): Promise<Answer> {
    const token = await this.#current();
    if ("kind" in token) return token;
    const headers = { ...init.headers, authorization: `Bearer ${token.value}` };
    const answer = await send(base + path, { ...init, headers }, this.#world);
    if (answer.kind === "answered" && answer.status === 401 && this.#token === token) this.#token = undefined;
    return answer;
  }

  reconcile(): Promise<Answer> {
    return this.request("/reconcile", {}, this.#options.operations);
  }

  async #current(): Promise<Token | Lost> {
    if (this.#token && this.#world.now() < this.#token.renewAt) return this.#token;
    this.#renewal ??= this.#fetchToken().finally(() => this.#renewal = undefined);
    return await this.#renewal;
  }

  async #fetchToken(): Promise<Token | Lost> {
    const { identity, secret } = this.#options;
    const asked = this.#world.now();
    const answer = await send(`${identity}/realms/gov-realm/protocol/openid-connect/token`, {
      method: "POST",
      body: new URLSearchParams({
        grant_type: "client_credentials",
        client_id: CLIENT_ID,
        client_secret: secret,
      }),
    }, this.#world);
    if (answer.kind === "lost") return answer;
    if (answer.status >= 500 || answer.status === 429) return { kind: "lost", code: "CONNECTION" };
    const parsed = TokenAnswer.safeParse(answer.body);
    if (answer.status !== 200 || !parsed.success) {
      throw new SimulationFailed(
        `Get a token for the client "${CLIENT_ID}" from "${identity}" failed with status ${answer.status}: is --secret right?`,
      );
    }
    const lifetimeMs = parsed.data.expires_in * 1000;
    this.#token = {
      value: parsed.data.access_token,
      renewAt: asked + lifetimeMs - Math.min(30_000, lifetimeMs / 2),
    };
    return this.#token;
  }
}

/** The `code` of a problem (RFC 9457 as this system writes it), or the status when the answer is no problem. */
export function problemCode(answer: Answer): string {
  if (answer.kind === "lost") return answer.code;
  const problem = ProblemAnswer.safeParse(answer.body);
  return problem.success ? problem.data.code : `HTTP_${answer.status}`;
}

/** The run cannot go on; the message is the sentence for the person who started it. */
export class SimulationFailed extends Error {
  override readonly name = "SimulationFailed";
}

const CLIENT_ID = "simulasi";
const TokenAnswer = z.object({ access_token: z.string().min(1), expires_in: z.number().positive() });
const ProblemAnswer = z.object({ code: z.string() });

export interface EdgeOptions {
  readonly url: string;
  readonly identity: string;
  /** Origin that serves `/reconcile`, which the public edge of a fleet does not. */
  readonly operations: string;
  readonly secret: string;
}

type Lost = Extract<Answer, { kind: "lost" }>;

interface Token {
  readonly value: string;
  readonly renewAt: number;
}

import type { Handler } from "hono";
import type { AppEnv } from "../shared/http/app.ts";
import { EDGE_CHALLENGE, EDGE_HEADER } from "../shared/http/authenticate.ts";
import { DEADLINE_HEADER } from "../shared/http/deadline.ts";
import { PartState, type SystemState } from "../shared/http/schemas/system.ts";
import { probe } from "../shared/runtime/probe.ts";
import type { Dependency } from "../shared/runtime/service.ts";
import type { Upstream } from "./routes.ts";
import type { GuardedOrigin, Origin } from "./upstream/origin.ts";
import { type EdgeIdentity, identityUnavailable } from "./upstream/proxy.ts";

/**
 * `GET /sistem`: asks each origin how it is, and what it stands on, past the guards: these are part of what is told. All
 * who ask within five seconds get the same answer, so that nobody can burden the origins by asking.
 */
export function systemState(context: SystemStateContext): Handler<AppEnv> {
  const { now = () => new Date() } = context;
  let known: { readonly until: number; readonly state: Promise<SystemState> } | undefined;
  return async function systemState(c) {
    if (!known || now().getTime() >= known.until) {
      const state = askAll(context, now());
      const latest = known = { until: now().getTime() + KEEP_MS, state };
      state.catch(() => known === latest && (known = undefined));
    }
    return c.json(await known.state, 200, { "cache-control": "no-store" });
  };
}

export interface SystemStateContext {
  readonly identity: EdgeIdentity;
  readonly origins: Readonly<Record<Upstream, Origin>>;
  readonly guarded: Readonly<Record<Upstream, Pick<GuardedOrigin, "breaker">>>;
  /** Of the edge itself. */
  readonly dependencies: readonly Dependency[];
  readonly now?: () => Date;
}

async function askAll(context: SystemStateContext, now: Date): Promise<SystemState> {
  const { identity, origins, guarded, dependencies } = context;
  const token = await identity.serviceToken(AbortSignal.timeout(ASK_MS));
  if (token === undefined) throw identityUnavailable();
  const edge = Promise.all(dependencies.map(probe));
  const asked = await Promise.all(NAMES.map(async (name) => {
    const answer = await ask(origins[name], token, identity);
    return { name, breaker: guarded[name].breaker(), answer };
  }));
  return {
    asOf: now.toISOString(),
    parts: [
      partOf("edge", { dependencies: Object.fromEntries(await edge) }),
      ...asked.map(({ name, answer, breaker }) => ({ ...partOf(name, answer, breaker), breaker })),
    ],
    figures: Object.assign({}, ...asked.map(({ answer }) => answer?.figures ?? {})),
  };
}

/** Undefined when no answer came, or none of a part of ours. */
async function ask({ url, transport }: Origin, token: string, identity: EdgeIdentity) {
  try {
    const headers = { [EDGE_HEADER]: `Bearer ${token}`, [DEADLINE_HEADER]: String(ASK_MS) };
    const signal = AbortSignal.timeout(ASK_MS);
    const answer = await transport(`${url}/sistem`, { headers, redirect: "manual", signal });
    if (answer.headers.get("www-authenticate") === EDGE_CHALLENGE) identity.discardServiceToken(token);
    const body: unknown = await answer.json();
    return answer.ok ? PartState.safeParse(body).data : undefined;
  } catch (error) {
    // No connection, no answer in time, or no JSON: that is what is to be told.
    if (error instanceof TypeError || error instanceof DOMException || error instanceof SyntaxError) {
      return undefined;
    }
    throw error;
  }
}

function partOf(
  name: Part["name"],
  answer: Pick<PartState, "dependencies"> | undefined,
  breaker: Part["breaker"] = "closed",
): Part {
  if (!answer) return { name, state: "away", dependencies: [] };
  const dependencies = Object.entries(answer.dependencies).map(([name, state]) => ({ name, state }));
  const states = new Set(dependencies.map(({ state }) => state));
  const degraded = states.has("degraded") || breaker !== "closed";
  const state = states.has("unavailable") ? "unavailable" : degraded ? "degraded" : "ok";
  return { name, state, dependencies };
}

type Part = SystemState["parts"][number];

const NAMES = ["auth", "registration", "statistics", "notification"] as const satisfies readonly Upstream[];
/** An origin asks what it stands on for two seconds. */
const ASK_MS = 4_000;
const KEEP_MS = 5_000;

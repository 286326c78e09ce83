import { LRUCache } from "lru-cache";
import pLimit from "p-limit";
import type { Identity, Verification } from "../../ports/identity.ts";
import { type Expected, MAX_TOKEN_LENGTH, parseClaims, rejected, verified, wrongClaim } from "./claims.ts";
import type { IdentityObserver } from "./identity_event.ts";
import type { IdentityLimits } from "./limits.ts";
import type { Answer, Provider } from "./provider.ts";
import { readToken } from "./read_token.ts";
import { SingleFlight } from "./single_flight.ts";
import { untilAborted } from "../../resilience/until_aborted.ts";
import { outside } from "../../telemetry/span.ts";

/**
 * Asks the provider whether a token is active (RFC 7662), so that a logout counts within `activeMs`. What the
 * provider says is checked as strictly as a token of our own reading: it may be active and meant for somebody else.
 *
 * Whoever comes again and again does not wait: the provider is asked anew while the last answer still stands. At any
 * moment of the last quarter of its time, so that those who came together do not go on asking together.
 */
export function createIntrospection(options: IntrospectOptions): Identity["introspect"] {
  const { provider, expected, limits, now, random = Math.random, observe = () => {} } = options;
  const answers = new LRUCache<string, Remembered>({ max: limits.cachedTokens });
  const flights = new SingleFlight<Verification>();
  const turns = pLimit(AT_ONCE);

  return async function introspect(token, signal) {
    if (token.length > MAX_TOKEN_LENGTH) return rejected("too-long");
    const known = answers.get(token);
    if (known && now() < known.until) {
      if (now() >= known.renewAt) renew(token, known);
      observe(REMEMBERED);
      return known.verification;
    }
    // The provider is less strict than we: for it a token that is written in another way is the same.
    if (!readToken(token)) return rejected("malformed");
    // One caller's leaving must not fail the others who wait for the same answer.
    const flight = flights.run(token, () => askInTurn(token));
    return await untilAborted(flight, signal).catch((error) => {
      if (signal.aborted) return { kind: "unavailable" };
      throw error;
    });
  };

  /** Once for each answer: while the provider is away, whoever comes when its time is over asks again. */
  function renew(token: string, known: Remembered): void {
    known.renewAt = Infinity;
    // Nobody waits for it, so it is in nobody's trace.
    void outside(() => flights.run(token, () => askInTurn(token)));
  }

  function askInTurn(token: string): Promise<Verification> {
    const came = now();
    return turns(() => {
      if (now() - came < limits.timeoutMs) return ask(token);
      observe(UNAVAILABLE);
      return Promise.resolve({ kind: "unavailable" });
    });
  }

  async function ask(token: string): Promise<Verification> {
    // From here, not from the answer, which may be slow: what happens meanwhile it may not know.
    const asked = now();
    const verification = await provider.ask("introspect", readVerification, { form: { token } });
    observe(verification ? ASKED : UNAVAILABLE);
    if (!verification) return { kind: "unavailable" };
    const until = keepUntil(verification, asked);
    // A refusal costs the provider little and ends soon.
    const renewAt = verification.kind === "verified" ? until - (until - asked) * random() / 4 : Infinity;
    answers.set(token, { verification, until, renewAt });
    return verification;
  }

  function readVerification({ status, body }: Answer): Verification | undefined {
    if (status !== 200 || typeof body !== "object" || body === null || !("active" in body)) return undefined;
    if (body.active !== true) return rejected("inactive");
    const claims = parseClaims(body);
    if (!claims) return rejected("claims");
    const wrong = wrongClaim(claims, expected, now());
    return wrong ? rejected(wrong) : verified(claims);
  }

  function keepUntil(verification: Verification, asked: number): number {
    if (verification.kind !== "verified") return asked + limits.inactiveMs;
    return Math.min(asked + limits.activeMs, verification.caller.expiresAt.getTime());
  }
}

/** Enough to keep a provider busy. When all officers are unknown, as after a start, the first are through before the last. */
const AT_ONCE = 32;
const ASKED = { kind: "introspection", answer: "asked" } as const;
const REMEMBERED = { kind: "introspection", answer: "remembered" } as const;
const UNAVAILABLE = { kind: "introspection", answer: "unavailable" } as const;

export interface IntrospectOptions {
  readonly provider: Provider;
  readonly expected: Expected;
  readonly limits: Pick<IdentityLimits, "timeoutMs" | "activeMs" | "inactiveMs" | "cachedTokens">;
  readonly now: () => number;
  /** From 0 to 1. */
  readonly random?: () => number;
  readonly observe?: IdentityObserver;
}

interface Remembered {
  readonly verification: Verification;
  /** Milliseconds since 1970, as `renewAt`. */
  readonly until: number;
  renewAt: number;
}

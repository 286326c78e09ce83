import * as z from "zod";
import type { Identity } from "../../ports/identity.ts";
import { untilAborted } from "../../resilience/until_aborted.ts";
import type { IdentityLimits } from "./limits.ts";
import type { Answer, Provider } from "./provider.ts";

/**
 * The token of our own client, kept and renewed before its end: nobody waits for a renewal while the old token is
 * good, and all who must wait share one request. While the provider is away it is asked once per cool-down.
 */
export function createServiceToken(options: ServiceTokenOptions): ServiceTokens {
  const { provider, limits, now, random = Math.random } = options;
  let held: Held | undefined;
  let renewing: Promise<void> | undefined;
  let mayAskAt = -Infinity;

  return {
    async serviceToken(signal) {
      if (!held || now() >= held.renewAt) {
        const renewed = renew();
        if (!isGood()) {
          await untilAborted(renewed, signal).catch((error) => {
            if (!signal.aborted) throw error;
          });
        }
      }
      return isGood() ? held?.token : undefined;
    },
    discardServiceToken(token) {
      if (held?.token === token) held = undefined;
    },
  };

  function isGood(): boolean {
    return held !== undefined && now() < held.goodUntil;
  }

  /** Never rejects. Does nothing inside the cool-down. */
  function renew(): Promise<void> {
    if (renewing) return renewing;
    if (now() < mayAskAt) return Promise.resolve();
    mayAskAt = now() + limits.serviceCooldownMs * (0.5 + 0.5 * random());
    renewing = ask().finally(() => renewing = undefined);
    return renewing;
  }

  async function ask(): Promise<void> {
    const asked = now();
    const granted = await provider.ask("token", readToken, { form: { grant_type: "client_credentials" } });
    if (!granted) return;
    const lifeMs = granted.expires_in * 1000;
    held = {
      token: granted.access_token,
      // Anywhere in the third quarter, so that many edges that start together do not come back together.
      renewAt: asked + lifeMs * (0.5 + 0.25 * random()),
      // It must still be good when it arrives.
      goodUntil: asked + lifeMs - Math.min(MARGIN_MS, lifeMs / 10),
    };
  }
}

function readToken({ status, body }: Answer): z.output<typeof tokens> | undefined {
  return status === 200 ? tokens.safeParse(body).data : undefined;
}

const MARGIN_MS = 10_000;

const tokens = z.object({
  access_token: z.string().min(1),
  expires_in: z.int().positive(),
  token_type: z.literal("Bearer"),
});

type ServiceTokens = Pick<Identity, "serviceToken" | "discardServiceToken">;

export interface ServiceTokenOptions {
  readonly provider: Provider;
  readonly limits: Pick<IdentityLimits, "serviceCooldownMs">;
  readonly now: () => number;
  /** From 0 to 1. */
  readonly random?: () => number;
}

interface Held {
  readonly token: string;
  /** Milliseconds since 1970, as `goodUntil`. */
  readonly renewAt: number;
  readonly goodUntil: number;
}

import { z } from "zod";
import { type Exposition, readExposition } from "./exposition.ts";

/** Asks each address once how it is; those that nobody listens on are left out unless they were named. */
export async function look(addresses: Addresses, world: World): Promise<Look> {
  const parts = await Promise.all(addresses.urls.map((url) => lookAt(url, world)));
  return { at: world.now(), parts: parts.filter(({ state }) => addresses.named || state !== "away") };
}

async function lookAt(url: string, { fetch, signal }: World): Promise<PartLook> {
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(ASK_MS)]);
  try {
    const [ready, metrics] = await Promise.all(
      ["/readyz", "/metrics"].map((path) => fetch(url + path, { signal: deadline })),
    );
    const [health, text] = [await ready?.text() ?? "", await metrics?.text() ?? ""];
    if (!metrics?.ok) return { url, state: "silent", dependencies: {}, metrics: [] };
    const { status, dependencies } = readHealth(health);
    return { url, state: status, dependencies, metrics: readExposition(text) };
  } catch (error) {
    signal.throwIfAborted();
    const refused = error instanceof TypeError;
    return { url, state: refused ? "away" : "silent", dependencies: {}, metrics: [] };
  }
}

/** As shared/runtime/operations.ts writes it. */
const Health = z.object({ status: z.string(), dependencies: z.record(z.string(), z.string()) });

function readHealth(text: string): z.output<typeof Health> {
  try {
    return Health.parse(JSON.parse(text));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) {
      return { status: "unreadable", dependencies: {} };
    }
    throw error;
  }
}

export interface Addresses {
  readonly urls: readonly string[];
  /** Whether a person named them: then each has to be there. */
  readonly named: boolean;
}

export interface World {
  readonly fetch: (url: string, init: { readonly signal: AbortSignal }) => Promise<Response>;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
  readonly signal: AbortSignal;
}

export interface Look {
  readonly at: number;
  readonly parts: readonly PartLook[];
}

export interface PartLook {
  readonly url: string;
  /** What /readyz says; "away" when nobody listens, "silent" when it does not answer as a part does. */
  readonly state: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly metrics: Exposition;
}

const ASK_MS = 5_000;

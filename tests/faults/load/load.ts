import { EdgeClient } from "../../../ops/tasks/simulate/edge_client.ts";
import { residents } from "../../../ops/tasks/simulate/residents.ts";
import { seededRandom } from "../../../ops/tasks/simulate/random.ts";
import { sleep } from "../../../shared/resilience/backoff.ts";
import { type Person, register } from "./client.ts";
import type { Recorder } from "./recorder.ts";
import type { Visits } from "./visits.ts";

/**
 * Steady load: so many residents a second come, whether those before them were served or not, until it is stopped or
 * too many wait; then new ones stay away. Meanwhile somebody looks at what the other origins serve.
 */
export class Load {
  readonly #options: LoadOptions;
  readonly #stop = new AbortController();
  readonly #giveUp = new AbortController();
  readonly #open = new Set<Promise<void>>();
  #running: Promise<void> = Promise.resolve();
  readonly people: Person[] = [];

  constructor(options: LoadOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running = this.#run();
  }

  /** Lets nobody new come, and resolves when each who came knows the outcome or has run out of patience. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
    await Promise.all(this.#open);
  }

  /** Stops without waiting for those who would try again. */
  async abandon(): Promise<void> {
    this.#giveUp.abort();
    await this.stop();
  }

  /** Whether those who came are served about as fast as others come. */
  get keepsUp(): boolean {
    return this.#open.size < this.#options.perSecond * 2;
  }

  async #run(): Promise<void> {
    const { seed, perSecond, recorder, visits, edge: { url, identity, secret } } = this.#options;
    const random = seededRandom(seed);
    const client = Deno.createHttpClient({ poolIdleTimeout: KEEP_IDLE_MS });
    const through: typeof fetch = (input, init) => fetch(input, { ...init, client });
    const world = { fetch: through, now: () => performance.now(), deadlineMs: DEADLINE_MS };
    const edge = new EdgeClient({ url, identity, secret, operations: url }, world);
    const onAnswer = (answer: Parameters<Recorder["answered"]>[0]) => recorder.answered(answer);
    const visiting = visits.run(edge, this.#stop.signal);
    const coming = residents(random);
    const begun = performance.now();
    for (let nth = 0; !this.#stop.signal.aborted; nth++) {
      await sleep(Math.max(0, begun + nth * 1000 / perSecond - performance.now()), this.#stop.signal);
      if (this.#open.size >= MOST_WAITING) continue;
      const keyed = random() >= WITHOUT_KEY;
      const client = { edge, keyed, asksTwice: keyed && random() < ASK_TWICE };
      const one = register(coming.next().value, client, {
        ...world,
        sleep,
        onAnswer,
        stop: this.#giveUp.signal,
      })
        .then((person) => void this.people.push(person))
        .finally(() => this.#open.delete(one));
      this.#open.add(one);
    }
    await visiting;
  }
}

export interface LoadOptions {
  readonly seed: number;
  readonly perSecond: number;
  readonly recorder: Recorder;
  readonly visits: Visits;
  readonly edge: { readonly url: string; readonly identity: string; readonly secret: string };
}

/** Beyond the 10 s that the edge gives an origin. */
const DEADLINE_MS = 12_000;
/** As a load balancer before the edge should: shorter than the edge goes on serving when it stops. */
const KEEP_IDLE_MS = 1_000;
const MOST_WAITING = 5_000;
const WITHOUT_KEY = 0.2;
const ASK_TWICE = 0.05;

import { sleep } from "../../../shared/resilience/backoff.ts";
import type { Part as PartName } from "../../../shared/config/config.ts";
import { TcpProxy } from "../tcp_proxy.ts";
import type { Clocks } from "./clocks.ts";
import { answers, Managed } from "./managed.ts";
import { claimPort } from "./ports.ts";

/**
 * The edge or one worker: any number of instances, each a process of its own, behind one address. As a Service of
 * Kubernetes does, the address leads each new connection to one of the instances that live, in turn.
 */
export class Part {
  readonly name: PartName;
  readonly #options: PartOptions;
  readonly #instances: Instance[] = [];
  #line: TcpProxy | undefined;
  #turn = 0;
  #started = 0;
  #ended = false;

  constructor(name: PartName, options: PartOptions) {
    this.name = name;
    this.#options = options;
  }

  /** Before it: the address must be known before the instances are. */
  async listen(): Promise<void> {
    this.#line = await TcpProxy.listen(() => this.#next());
  }

  get line(): TcpProxy {
    if (!this.#line) throw new Error(`Part "${this.name}" does not listen yet`);
    return this.#line;
  }

  get url(): string {
    return `http://127.0.0.1:${this.line.port}`;
  }

  get instances(): readonly Managed[] {
    return this.#instances.map(({ process }) => process);
  }

  /** Where each instance tells its health and metrics. */
  get operations(): readonly string[] {
    return this.#instances.map(({ operations }) => `http://127.0.0.1:${operations}`);
  }

  /** Starts or ends instances until there are so many. */
  async scale(count: number): Promise<void> {
    while (this.#instances.length < count) await this.#add();
    while (this.#instances.length > count) await this.#retire();
  }

  /** Replaces each instance by a new one, one after the other, as a rolling update does. Answers the exit codes. */
  async roll(): Promise<readonly number[]> {
    const codes: number[] = [];
    for (let left = this.#instances.length; left > 0; left--) {
      await this.#add();
      codes.push(await this.#retire());
    }
    return codes;
  }

  /** For good. */
  async end(): Promise<void> {
    this.#ended = true;
    await Promise.all(this.#instances.splice(0).map(({ process }) => process.end()));
    await this.#line?.[Symbol.asyncDispose]();
  }

  #next(): number | undefined {
    const ready = this.#instances.filter(({ process, leaving }) => process.ready && !leaving);
    return ready[this.#turn++ % ready.length]?.port;
  }

  async #add(): Promise<void> {
    if (this.#ended) throw new Error(`Part "${this.name}" has ended`);
    const { folder, variables, only, clocks, interrupted } = this.#options;
    const port = claimPort();
    const operations = this.name === "edge" ? claimPort() : port;
    const script = this.name === "edge" ? "edge/main.ts" : `workers/${this.name}/main.ts`;
    const process = new Managed({
      name: `${this.name}-${++this.#started}`,
      folder,
      command: Deno.execPath(),
      args: ["run", "--allow-all", "--no-check", "--quiet", script],
      env: {
        ...variables,
        ...only,
        ...clocks?.environment(this.name),
        PORT: String(port),
        ...(operations !== port && { OPERATIONS_PORT: String(operations) }),
      },
      // What the readinessProbe of deploy.yml asks: a part whose dependency is away says so itself, request by request.
      probe: (signal) => answers(`http://127.0.0.1:${operations}/healthz`, signal),
      interrupted,
    });
    this.#instances.push({ process, port, operations, leaving: false });
    await process.start();
  }

  /** The oldest: out of the Service first, told to end when that is known everywhere, as preStop in deploy.yml has it. */
  async #retire(): Promise<number> {
    const [oldest] = this.#instances;
    if (!oldest) return 0;
    oldest.leaving = true;
    await sleep(PRE_STOP_MS, new AbortController().signal);
    const code = await oldest.process.end();
    this.#instances.shift();
    return code;
  }
}

interface Instance {
  readonly process: Managed;
  readonly port: number;
  readonly operations: number;
  leaving: boolean;
}

export interface PartOptions {
  /** Of the logs. */
  readonly folder: string;
  /** All instances go by one clock, which has the part's name. */
  readonly clocks: Clocks | undefined;
  /** Read at each start. */
  readonly variables: Readonly<Record<string, string>>;
  /** Variables that the other parts do not get. */
  readonly only?: Readonly<Record<string, string>> | undefined;
  /** Ends the wait for an instance that starts. */
  readonly interrupted: AbortSignal;
}

const PRE_STOP_MS = 1_000;

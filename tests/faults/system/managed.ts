import { join } from "node:path";
import { sleep } from "../../../shared/resilience/backoff.ts";
import { treeOf } from "./process_tree.ts";

/**
 * A process under the care of a supervisor, as a container under its kubelet: it is started again whenever it ends, and
 * it is ready while its probe says so. Its output goes to `<folder>/<name>.log`.
 */
export class Managed {
  readonly name: string;
  readonly #plan: Plan;
  readonly #stop = new AbortController();
  #child: Deno.ChildProcess | undefined;
  #running: Promise<void> = Promise.resolve();
  #ready = false;
  #heldUntil = 0;
  /** How often it ended without having been told to. */
  surprises = 0;
  #told = false;

  constructor(plan: Plan) {
    this.name = plan.name;
    this.#plan = plan;
  }

  get ready(): boolean {
    return this.#ready;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Resolves when it is ready for the first time; rejects after `withinMs`. */
  async start(withinMs = START_MS): Promise<void> {
    this.#running = Promise.all([this.#supervise(), this.#probe()]).then(() => {});
    await this.untilReady(withinMs);
  }

  async untilReady(withinMs = START_MS): Promise<void> {
    const deadline = performance.now() + withinMs;
    while (!this.#ready) {
      if (performance.now() > deadline || this.surprises > MOST_SURPRISES) {
        throw new Error(`Process "${this.name}" does not become ready: look at its log`);
      }
      await sleep(LOOK_MS, this.#stop.signal);
      this.#stop.signal.throwIfAborted();
      this.#plan.interrupted.throwIfAborted();
    }
  }

  /** kill -9 of the process and all that it has started. The supervisor starts it again after `downMs`. */
  async crash(downMs = RESTART_MS): Promise<void> {
    this.#told = true;
    this.#ready = false;
    this.#heldUntil = performance.now() + downMs;
    await this.signal("SIGKILL");
  }

  /** To the process and all that it has started. */
  async signal(signal: Deno.Signal): Promise<void> {
    if (this.#child === undefined) return;
    for (const pid of await treeOf(this.#child.pid)) send(pid, signal);
  }

  /** Asks the process to end and leaves it ended; kills it when it takes too long. Answers its exit code. */
  async end(): Promise<number> {
    this.#stop.abort();
    const child = this.#child;
    if (child === undefined) return 0;
    const tree = await treeOf(child.pid);
    send(child.pid, "SIGCONT");
    send(child.pid, "SIGTERM");
    const late = setTimeout(() => void this.signal("SIGKILL"), END_MS);
    const { code } = await child.status;
    clearTimeout(late);
    // Keycloak's shell does not wait for its Java.
    for (const pid of tree) send(pid, "SIGKILL");
    await this.#running;
    return code;
  }

  async #supervise(): Promise<void> {
    const stop = this.#stop.signal;
    while (!stop.aborted) {
      const child = this.#spawn();
      this.#child = child;
      await child.status;
      this.#ready = false;
      if (stop.aborted) return;
      if (!this.#told) this.surprises++;
      this.#told = false;
      await sleep(Math.max(RESTART_MS, this.#heldUntil - performance.now()), stop);
    }
  }

  async #probe(): Promise<void> {
    const stop = this.#stop.signal;
    for (let failed = 0; !stop.aborted; await sleep(this.#ready ? PROBE_MS : LOOK_MS, stop)) {
      const child = this.#child;
      const passed = await this.#plan.probe(AbortSignal.timeout(PROBE_DEADLINE_MS)).catch(() => false);
      // What answered may have been killed meanwhile.
      if (child !== this.#child || this.#told) continue;
      failed = passed ? 0 : failed + 1;
      if (passed) this.#ready = true;
      else if (failed >= PROBE_FAILURES) this.#ready = false;
    }
  }

  #spawn(): Deno.ChildProcess {
    const { name, folder, command, args, env, cwd } = this.#plan;
    return new Deno.Command("/bin/sh", {
      args: ["-c", 'exec >>"$0" 2>&1; exec "$@"', join(folder, `${name}.log`), command, ...args],
      // Nothing that the person's shell exports may lead it to other servers.
      clearEnv: true,
      env: { ...inherited(), NO_COLOR: "1", LOG_FORMAT: "json", ...env },
      ...(cwd !== undefined && { cwd }),
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
  }
}

export interface Plan {
  /** Unique: names the log. */
  readonly name: string;
  /** Of the logs. */
  readonly folder: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly probe: (signal: AbortSignal) => Promise<boolean>;
  /** Nobody waits any longer for it to become ready. */
  readonly interrupted: AbortSignal;
}

/** Whether the URL answers 200. */
export async function answers(url: string, signal: AbortSignal): Promise<boolean> {
  const response = await fetch(url, { signal });
  await response.body?.cancel();
  return response.status === 200;
}

function inherited(): Record<string, string> {
  const names = ["PATH", "HOME", "DENO_DIR", "JAVA_HOME", "TMPDIR", "LANG"];
  return Object.fromEntries(names.flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [[name, value]];
  }));
}

function send(pid: number, signal: Deno.Signal): void {
  try {
    Deno.kill(pid, signal);
  } catch (error) {
    // It ended between the look and the signal.
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

const START_MS = 120_000;
/** Of a process that cannot start, and would be started for ever. */
const MOST_SURPRISES = 20;
const RESTART_MS = 500;
const LOOK_MS = 100;
const PROBE_MS = 1_000;
const PROBE_DEADLINE_MS = 2_000;
const PROBE_FAILURES = 2;
const END_MS = 15_000;

import { setTimeout as delay } from "node:timers/promises";
import { getLogger } from "@logtape/logtape";
import { guard } from "./guard.ts";
import type { Programs } from "./programs.ts";
import { shutDown } from "./shutdown.ts";

/** Starts the server of the cluster and waits until it takes connections. */
export async function startPostmaster(options: PostmasterOptions): Promise<Postmaster> {
  const late = AbortSignal.timeout(START_MS);
  const giveUp = AbortSignal.any([options.signal, late]);
  for (;;) {
    const postmaster = new Postmaster(options);
    await postmaster.started(giveUp);
    if (postmaster.state === "ready") return postmaster;
    await postmaster.stop();
    options.signal.throwIfAborted();
    if (late.aborted) throw new Error(`Cannot start PostgreSQL within ${START_MS / 1000} s`);
    const passing = SESSIONS_LEAVE.test(postmaster.complaint) ||
      options.port === undefined && PORT_TAKEN.test(postmaster.complaint);
    if (!passing) {
      throw new Error(`Cannot start PostgreSQL: ${postmaster.complaint}`);
    }
    await delay(100);
  }
}

export class Postmaster {
  readonly port: number;
  /** Resolves when the server has ended and nothing watches it any more. */
  readonly exited: Promise<void>;
  state: "starting" | "ready" | "stopping" | "ended" = "starting";
  /** The last serious line that the server wrote. */
  complaint = "it ended without a word";
  readonly #process: Deno.ChildProcess;
  readonly #ready = Promise.withResolvers<void>();

  constructor({ cluster, programs, settings, port = freePort() }: PostmasterOptions) {
    this.port = port;
    const all = { ...SETTINGS, ...settings, port: String(this.port) };
    const args = Object.entries(all).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
    this.#process = programs.start("postgres", cluster, args);
    const dismissGuard = guard(this.#process.pid);
    const output = eachLine(this.#process.stderr, (line) => this.#hear(line));
    this.exited = this.#process.status.then(async ({ code, signal }) => {
      const unexpected = this.state === "ready";
      this.state = "ended";
      if (unexpected) log.error("PostgreSQL ended by itself: {how}", { how: signal ?? `exit code ${code}` });
      await dismissGuard();
      // Sessions of a killed server may hold its output open for a moment.
      await Promise.race([output, delay(500, undefined, { ref: false })]);
    });
  }

  /** Resolves when the server is ready or has ended, or the signal aborts: `state` says which. */
  async started(signal: AbortSignal): Promise<void> {
    const aborted = Promise.withResolvers<void>();
    const abort = () => aborted.resolve();
    signal.addEventListener("abort", abort, { once: true });
    if (!signal.aborted) await Promise.race([this.#ready.promise, this.exited, aborted.promise]);
    signal.removeEventListener("abort", abort);
  }

  async stop(): Promise<void> {
    if (this.state !== "ended") this.state = "stopping";
    const stopped = await shutDown({
      kill: (signal) => {
        if (this.state !== "ended") this.#process.kill(signal);
      },
      gone: (waitMs) => Promise.race([this.exited.then(() => true), delay(waitMs, false, { ref: false })]),
    });
    if (!stopped) throw new Error(`Cannot stop PostgreSQL, process ${this.#process.pid}`);
  }

  #hear(line: string): void {
    if (this.state === "starting" && line.endsWith("database system is ready to accept connections")) {
      this.state = "ready";
      this.#ready.resolve();
    }
    const serious = /^(FATAL|PANIC): /.test(line);
    if (serious) this.complaint = line;
    // Each session that a stop ends is a FATAL line of its own.
    if (serious && this.state === "ready") log.warn("PostgreSQL: {line}", { line });
    else log.debug("PostgreSQL: {line}", { line });
  }
}

async function eachLine(
  bytes: ReadableStream<Uint8Array<ArrayBuffer>>,
  hear: (line: string) => void,
): Promise<void> {
  let rest = "";
  for await (const text of bytes.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    lines.forEach(hear);
  }
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

export interface PostmasterOptions {
  readonly cluster: string;
  readonly programs: Programs;
  readonly settings: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** A free one when undefined. */
  readonly port: number | undefined;
}

// Recovery after a crash reads up to 1 GB of log.
const START_MS = 60_000;

// The sessions of a killed server are still on their way out.
const SESSIONS_LEAVE = /pre-existing shared memory block/;
// A free port was taken in between.
const PORT_TAKEN = /could not create any TCP\/IP sockets/;

const SETTINGS = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  // Neither statements nor values (keys and personal data travel as parameters) may reach the log; the client that
  // made an error is told of it.
  log_min_messages: "log",
  log_min_error_statement: "panic",
  log_error_verbosity: "terse",
  log_parameter_max_length: "0",
  log_parameter_max_length_on_error: "0",
  log_checkpoints: "off",
  log_line_prefix: "",
};

const log = getLogger(["kependudukan", "embedded-postgres"]);

/** A process of the system under test; what it prints is printed by the test run too, and so is searched for leaks. */
export function startProcess(script: string, options: ProcessOptions = {}): TestProcess {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "--no-check", "--quiet", script, ...(options.args ?? [])],
    env: { NO_COLOR: "1", LOG_FORMAT: "json", ...options.env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let printed = "";
  const keep = async (stream: ReadableStream<Uint8Array>) => {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      printed += text;
      Deno.stdout.writeSync(new TextEncoder().encode(text));
    }
  };
  const ended = Promise.all([child.status, keep(child.stdout), keep(child.stderr)]).then(([status]) =>
    status
  );
  return {
    pid: child.pid,
    ended,
    printed: () => printed,
    async stop(signal = "SIGTERM") {
      try {
        child.kill(signal);
      } catch (error) {
        if (!(error instanceof TypeError)) throw error; // it has ended before
      }
      // Deno itself has hung at its end, waiting for its exporter of traces: whoever asks how it ended sees the signal.
      const killing = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
      const status = await ended;
      clearTimeout(killing);
      return status;
    },
  };
}

/** Longer than any process of ours takes to stop. */
const STOP_MS = 30_000;

/** Asks until the URL answers 200, for at most 30 seconds or until the process ends. */
export async function waitUntilReady(url: string, process: TestProcess): Promise<void> {
  let over = false;
  void process.ended.then(() => over = true);
  await eventually(`${url} answers 200`, async () => {
    if (over) throw new Error("Process ended before it was ready");
    try {
      const answer = await fetch(url, { signal: AbortSignal.timeout(2_000) });
      await answer.body?.cancel();
      return answer.status === 200;
    } catch (error) {
      if (error instanceof TypeError || error instanceof DOMException) return false;
      throw error;
    }
  }, 30_000);
}

/** Asks again and again until it holds; the wait is for another process, whose clock no test can turn. */
export async function eventually(
  what: string,
  holds: () => Promise<boolean>,
  withinMs = 10_000,
): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!await holds()) {
    if (performance.now() > deadline) throw new Error(`Waited ${withinMs} ms in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/**
 * A port that nobody listens on now. It is below those that the system gives to outgoing connections, for another
 * test's connection would take it from a process that makes its database before it listens.
 */
export function freePort(): Promise<number> {
  for (let tries = 0; tries < 100; tries++) {
    const port = 10_000 + Math.floor(Math.random() * 20_000);
    try {
      Deno.listen({ hostname: "127.0.0.1", port }).close();
      return Promise.resolve(port);
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    }
  }
  throw new Error("Found no free port from 10000 to 29999");
}

export interface TestProcess {
  readonly pid: number;
  readonly ended: Promise<Deno.CommandStatus>;
  printed(): string;
  stop(signal?: Deno.Signal): Promise<Deno.CommandStatus>;
}

export interface ProcessOptions {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

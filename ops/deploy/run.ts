/**
 * Runs a program to its end. What a program did is a value; only Ctrl-C (`signal`) rejects. The program is told to end
 * at the deadline or the signal, and killed when it has not in the time of grace.
 */
export const run: Run = async (command, args, options = {}) => {
  const { stdin, cwd, env = {}, withinMs = 60_000, graceMs = 5_000, signal, onLine = () => {} } = options;
  signal?.throwIfAborted();
  let child: Deno.ChildProcess;
  try {
    child = new Deno.Command(command, {
      args: [...args],
      env,
      ...(cwd !== undefined && { cwd }),
      stdin: stdin === undefined ? "null" : "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return { kind: "missing" };
    throw error;
  }
  const deadline = AbortSignal.timeout(withinMs);
  const gone = new AbortController();
  const told = AbortSignal.any(signal ? [deadline, signal] : [deadline]);
  let killer: ReturnType<typeof setTimeout> | undefined;
  const tell = () => {
    kill(child, "SIGTERM");
    killer = setTimeout(() => {
      kill(child, "SIGKILL");
      gone.abort(); // a grandchild may hold the pipes open
    }, graceMs);
  };
  told.addEventListener("abort", tell, { once: true });
  const stdout = new Output(onLine);
  const stderr = new Output(onLine);
  const [status] = await Promise.all([
    child.status,
    stdout.collect(child.stdout, gone.signal),
    stderr.collect(child.stderr, gone.signal),
    stdin === undefined ? undefined : feed(child, stdin),
  ]);
  told.removeEventListener("abort", tell);
  clearTimeout(killer);
  signal?.throwIfAborted();
  if (deadline.aborted) return { kind: "late" };
  return { kind: "ended", code: status.code, stdout: stdout.text, stderr: stderr.text };
};

/** The one way to programs outside of this process, so that a test can be all of them. */
export type Run = (command: string, args: readonly string[], options?: RunOptions) => Promise<Ran>;

export interface RunOptions {
  readonly stdin?: string;
  readonly cwd?: string;
  /** Laid over the environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Default: one minute. */
  readonly withinMs?: number;
  /** Between telling it to end and killing it; default: five seconds. */
  readonly graceMs?: number;
  readonly signal?: AbortSignal;
  /** Called for each line of both outputs as it comes. */
  readonly onLine?: (line: string) => void;
}

export type Ran =
  | { readonly kind: "ended"; readonly code: number; readonly stdout: string; readonly stderr: string }
  /** There is no such program. */
  | { readonly kind: "missing" }
  /** It had not ended by the deadline. */
  | { readonly kind: "late" };

class Output {
  text = "";
  #line = "";
  readonly #onLine: (line: string) => void;

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  async collect(stream: ReadableStream<Uint8Array<ArrayBuffer>>, signal: AbortSignal): Promise<void> {
    const sink = new WritableStream<string>({ write: (text) => this.#take(text) });
    try {
      await stream.pipeThrough(new TextDecoderStream()).pipeTo(sink, { signal });
    } catch (error) {
      if (!signal.aborted) throw error;
    }
    if (this.#line !== "") this.#onLine(this.#line);
  }

  #take(text: string): void {
    this.text += text;
    const lines = (this.#line + text).split("\n");
    this.#line = lines.pop() ?? "";
    for (const line of lines) this.#onLine(line);
  }
}

async function feed(child: Deno.ChildProcess, text: string): Promise<void> {
  const writer = child.stdin.getWriter();
  try {
    await writer.write(new TextEncoder().encode(text));
    await writer.close();
  } catch (error) {
    // It ended without reading all: its exit code says why.
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
}

function kill(child: Deno.ChildProcess, signal: Deno.Signal): void {
  try {
    child.kill(signal);
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof Deno.errors.NotFound)) throw error; // it has ended before
  }
}

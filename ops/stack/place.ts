import pLimit from "p-limit";
import { lastLines } from "./log_tail.ts";
import type { Place, StackServer } from "./server.ts";
import { type Stack, StackError } from "./stack.ts";

/** The place of a server in the stack. What `run` prints goes to the log `<server>.install`. */
export function openPlace(stack: Stack, server: StackServer, options: PlaceOptions): Place {
  return {
    programs: stack.programs(server.name),
    data: stack.data(server.name),
    ports: options.ports,
    brokers: options.brokers,
    say: (sentence) => stack.print(`${server.name}: ${sentence}`),
    run: (command, args, where = {}) => {
      const run = () => runToEnd({ command, args, ...where, log: stack.log(`${server.name}.install`) });
      return command === "mvn" ? oneMaven(run) : run();
    },
  };
}

/** Maven 3 does not lock its repository: two of them that fetch the same file can spoil it for both (MNG-2802). */
const oneMaven = pLimit(1);

async function runToEnd({ command, args, cwd, env, log }: Run): Promise<void> {
  const { code } = await new Deno.Command("/bin/sh", {
    args: ["-c", 'exec >>"$0" 2>&1; exec "$@"', log, command, ...args],
    ...(cwd !== undefined && { cwd }),
    ...(env && { env: { ...env } }),
    stdin: "null",
    signal: AbortSignal.timeout(RUN_MS),
  }).spawn().status;
  if (code !== 0) {
    throw new StackError(`"${command}" failed with exit code ${code}:\n${await lastLines(log)}`);
  }
}

export interface PlaceOptions {
  readonly ports: Readonly<Record<string, number>>;
  readonly brokers: 1 | 3;
}

interface Run {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly log: string;
}

/** Maven on a slow line fetches 176 MB. */
const RUN_MS = 20 * 60_000;

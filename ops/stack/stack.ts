import { join } from "node:path";
import type { StackPorts } from "../../shared/config/stack.ts";
import type { StackServer } from "./server.ts";

/** The stack as it is configured: which servers there are and where everything lies. */
export function openStack({ dir, servers, ports, print }: StackOptions): Stack {
  const folder = (name: string) => {
    const path = join(dir, name);
    Deno.mkdirSync(path, { recursive: true, mode: 0o700 });
    return path;
  };
  return {
    servers,
    ports,
    print,
    variables: join(dir, "env"),
    lock: () => lock(folder(".")),
    programs: (server) => folder(`programs/${server}`),
    data: (server) => folder(`data/${server}`),
    allData: join(dir, "data"),
    logs: folder("logs"),
    records: folder("run"),
    log: (process) => join(dir, "logs", `${process}.log`),
  };
}

/** What a person can mend: one sentence a line. */
export class StackError extends Error {
  override readonly name = "StackError";
}

/** Two commands at once would start everything twice. The kernel frees the lock however the command ends. */
async function lock(dir: string): Promise<Disposable> {
  const file = await Deno.open(join(dir, "lock"), { create: true, write: true, mode: 0o600 });
  if (await file.tryLock(true)) return file;
  file.close();
  throw new StackError(`Another "deno task stack" works on "${dir}": wait until it has ended`);
}

export interface StackOptions {
  /** Absolute. */
  readonly dir: string;
  readonly servers: readonly StackServer[];
  readonly ports: StackPorts;
  readonly print: (line: string) => void;
}

export interface Stack {
  readonly servers: readonly StackServer[];
  readonly ports: StackPorts;
  print(line: string): void;
  /** The file of `export` lines that lead the system to the servers. */
  readonly variables: string;
  /** Keeps other commands from changing the stack. */
  lock(): Promise<Disposable>;
  programs(server: string): string;
  data(server: string): string;
  readonly allData: string;
  readonly logs: string;
  readonly records: string;
  log(process: string): string;
}

import { readProc } from "./proc.ts";

/** The process that has this number now. */
export async function identify(pid: number): Promise<ProcessId | undefined> {
  const started = await startOf(pid);
  return started === undefined ? undefined : { pid, started };
}

/** Whether this very process runs, and not another that got its number. */
export async function isAlive({ pid, started }: ProcessId): Promise<boolean> {
  return await startOf(pid) === started;
}

/** When the process started, in a form that no later process with its number can have; undefined when it has ended. */
async function startOf(pid: number): Promise<string | undefined> {
  return Deno.build.os === "linux" ? await startOnLinux(pid) : await startByPs(pid);
}

async function startOnLinux(pid: number): Promise<string | undefined> {
  const stat = await readProc(pid, "stat");
  if (stat === undefined) return undefined;
  // proc_pid_stat(5): after the name in parentheses, which may hold anything, state is field 3, start time 22.
  const [state, ...rest] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const boot = (await Deno.readTextFile("/proc/sys/kernel/random/boot_id")).trim();
  return state === "Z" || state === "X" ? undefined : `${boot} ${rest[18]}`;
}

async function startByPs(pid: number): Promise<string | undefined> {
  const { stdout } = await new Deno.Command("ps", {
    args: ["-o", "stat=,lstart=", "-p", String(pid)],
    env: { LC_ALL: "C" },
    stderr: "null",
  }).output();
  const [, state, started] = /^\s*(\S+)\s+(.*\S)\s*$/.exec(new TextDecoder().decode(stdout)) ?? [];
  return state?.startsWith("Z") ? undefined : started;
}

export interface ProcessId {
  readonly pid: number;
  /** Tells it from other processes that get the same number. */
  readonly started: string;
}

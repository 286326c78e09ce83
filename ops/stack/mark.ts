import { readProc } from "./proc.ts";

/** The environment by which what a process has started can be found, also when the process itself has ended. */
export function markOf(mark: string): Readonly<Record<string, string>> {
  return { [VARIABLE]: mark };
}

/** Numbers of the processes that carry the mark. Only Linux tells; elsewhere there are none. */
export async function markedWith(mark: string): Promise<readonly number[]> {
  if (Deno.build.os !== "linux") return [];
  const found: number[] = [];
  for await (const { name } of Deno.readDir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const environment = await readProc(name, "environ");
    if (environment?.split("\0").includes(`${VARIABLE}=${mark}`)) found.push(Number(name));
  }
  return found;
}

const VARIABLE = "KEPENDUDUKAN_STACK_PROCESS";

import { readProc } from "../../../ops/stack/proc.ts";

/** The process and all that it has started, oldest first, as /proc tells now; only on Linux. */
export async function treeOf(pid: number): Promise<readonly number[]> {
  return descendants(pid, await childrenOfAll());
}

/** Bytes of memory that each process holds together with all that it has started; those that have ended are left out. */
export async function residentBytes(pids: readonly number[]): Promise<ReadonlyMap<number, number>> {
  const children = await childrenOfAll();
  const sizes = await Promise.all(pids.map(async (pid) => {
    const each = await Promise.all(descendants(pid, children).map(ownBytes));
    return [pid, each.reduce((sum, bytes) => sum + bytes, 0)] as const;
  }));
  return new Map(sizes.filter(([, bytes]) => bytes > 0));
}

async function childrenOfAll(): Promise<ReadonlyMap<number, readonly number[]>> {
  const children = new Map<number, number[]>();
  for await (const { name } of Deno.readDir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const parent = parentIn(await readProc(name, "stat") ?? "");
    if (parent !== undefined) children.set(parent, [...children.get(parent) ?? [], Number(name)]);
  }
  return children;
}

function descendants(pid: number, children: ReadonlyMap<number, readonly number[]>): readonly number[] {
  const tree = [pid];
  for (const parent of tree) tree.push(...children.get(parent) ?? []);
  return tree;
}

/** Without shared memory, of which each session of PostgreSQL would count all. */
async function ownBytes(pid: number): Promise<number> {
  const kilobytes = /^RssAnon:\s+(\d+) kB$/m.exec(await readProc(pid, "status") ?? "")?.[1];
  return Number(kilobytes ?? 0) * 1024;
}

/** proc_pid_stat(5): behind the name in parentheses, which may hold anything, come the state and the parent. */
function parentIn(stat: string): number | undefined {
  const parent = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1];
  return parent === undefined ? undefined : Number(parent);
}

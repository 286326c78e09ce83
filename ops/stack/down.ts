import { existsSync } from "node:fs";
import { stopProcess } from "./process.ts";
import { readRecords, removeRecord } from "./records.ts";
import { type Stack, StackError } from "./stack.ts";

/** Stops everything that `up` started, and nothing else; rejects with `StackError` when something would not go. */
export async function down(stack: Stack, { data = false, graceMs }: DownOptions = {}): Promise<void> {
  using _lock = await stack.lock();
  const records = await readRecords(stack);
  const outcomes = await Promise.all(records.map(async (record) => {
    const gone = await stopProcess(record, graceMs);
    if (gone) await removeRecord(stack, record);
    stack.print(`${record.process}: ${gone ? record.alive ? "stopped" : "had ended" : "still runs"}`);
    return { record, gone };
  }));
  const left = outcomes.filter(({ gone }) => !gone).map(({ record }) => `${record.process} (${record.pid})`);
  if (left.length > 0) throw new StackError(`Cannot stop ${left.join(", ")}`);
  await removeIfThere(stack.variables);
  if (data) await removeIfThere(stack.allData);
  if (records.length === 0) stack.print("Nothing runs");
}

async function removeIfThere(path: string): Promise<void> {
  if (existsSync(path)) await Deno.remove(path, { recursive: true });
}

export interface DownOptions {
  /** Throws away what the servers keep; what was downloaded stays. */
  readonly data?: boolean;
  /** How long each process has to stop by itself, in milliseconds. */
  readonly graceMs?: number;
}

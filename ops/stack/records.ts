import { join } from "node:path";
import { z } from "zod";
import { isAlive } from "./process_id.ts";
import type { Stack } from "./stack.ts";

/** What `up` started, whether it still runs or not, in the order of the names. */
export async function readRecords(stack: Stack): Promise<readonly Running[]> {
  const records: Running[] = [];
  for await (const { name } of Deno.readDir(stack.records)) {
    if (!name.endsWith(".json")) continue;
    const record = Record.parse(JSON.parse(await Deno.readTextFile(join(stack.records, name))));
    records.push({ ...record, alive: await isAlive(record) });
  }
  return records.sort((a, b) => a.process < b.process ? -1 : 1);
}

export async function writeRecord(stack: Stack, record: ProcessRecord): Promise<void> {
  const file = fileOf(stack, record);
  // Renamed into place, so that no reader meets half a record.
  await Deno.writeTextFile(`${file}.new`, JSON.stringify(record), { mode: 0o600 });
  await Deno.rename(`${file}.new`, file);
}

export async function removeRecord(stack: Stack, record: ProcessRecord): Promise<void> {
  await Deno.remove(fileOf(stack, record));
}

function fileOf(stack: Stack, { process }: ProcessRecord): string {
  return join(stack.records, `${process}.json`);
}

const Record = z.object({
  server: z.string(),
  process: z.string(),
  /** All processes of the server, this one included. */
  siblings: z.array(z.string()),
  pid: z.int().positive(),
  started: z.string(),
  mark: z.string(),
  ports: z.record(z.string(), z.int()),
  brokers: z.union([z.literal(1), z.literal(3)]),
});

export type ProcessRecord = z.output<typeof Record>;
export type Running = ProcessRecord & { readonly alive: boolean };

import { z } from "zod";
import { type EdgeClient, problemCode } from "./edge_client.ts";
import type { Answer } from "./http.ts";

/** Reads what every store of the system holds, by the two endpoints for administrators. */
export async function readFleet(edge: EdgeClient): Promise<Reading> {
  const [stats, reconcile] = await Promise.all([
    readJson("/stats", () => edge.request("/stats"), Stats),
    readJson("/reconcile", () => edge.reconcile(), Counts),
  ]);
  if (stats.kind === "unreadable") return stats;
  if (reconcile.kind === "unreadable") return reconcile;
  const provinces = new Map(stats.value.map(({ kode, jumlah }) => [kode, jumlah]));
  return { kind: "read", fleet: { ...reconcile.value, provinces } };
}

async function readJson<T>(
  path: string,
  ask: () => Promise<Answer>,
  schema: z.ZodType<T>,
): Promise<Read<T> | Unreadable> {
  const answer = await ask();
  const failed = (reason: string): Unreadable => ({
    kind: "unreadable",
    reason: `Read "${path}" failed: ${reason}`,
  });
  if (answer.kind === "lost") {
    return failed(answer.code === "TIMEOUT" ? "no answer in time" : "no connection");
  }
  if (answer.status !== 200) return failed(`status ${answer.status}, ${problemCode(answer)}`);
  const parsed = schema.safeParse(answer.body);
  return parsed.success
    ? { kind: "read", value: parsed.data }
    : failed("the answer has another form than expected");
}

const count = z.int().nonnegative();

const Stats = z.array(z.object({ kode: z.string(), jumlah: count }));

const Counts = z.object({
  registry: count,
  /** Registrations that were taken back, by the code of the province. */
  cancelled: z.record(z.string(), count),
  outbox: count,
  /** Distinct event ids in the log. */
  events: count,
  statistics: count,
  sms: z.object({ claimed: count, sent: count, refused: count, parked: count }),
  /** Messages that the events of the log call for, one for each officer concerned. */
  smsExpected: count,
  deadLetters: count,
});

/** Everything at zero: an installation on its first day. */
export const EMPTY_FLEET: Fleet = {
  registry: 0,
  cancelled: {},
  outbox: 0,
  events: 0,
  statistics: 0,
  sms: { claimed: 0, sent: 0, refused: 0, parked: 0 },
  smsExpected: 0,
  deadLetters: 0,
  provinces: new Map(),
};

export interface Fleet extends z.output<typeof Counts> {
  /** `jumlah` of GET /stats by the code of the province. */
  readonly provinces: ReadonlyMap<string, number>;
}

export type Reading = { readonly kind: "read"; readonly fleet: Fleet } | Unreadable;

interface Read<T> {
  readonly kind: "read";
  readonly value: T;
}

interface Unreadable {
  readonly kind: "unreadable";
  readonly reason: string;
}

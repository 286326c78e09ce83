import { getLogger } from "@logtape/logtape";
import { v7 as uuidv7 } from "uuid";
import { type Audit, type AuditEntry, AuditUnavailable } from "../../ports/audit.ts";
import type { AuditSink, SealedLine } from "../../ports/audit_sink.ts";
import { Batcher } from "../../resilience/batcher.ts";
import { untilAborted } from "../../resilience/until_aborted.ts";
import { within } from "../../resilience/within.ts";
import { Chain, type Sha256 } from "./chain.ts";
import { type AuditFields, toFields } from "./line.ts";

/**
 * Begins a chain of audit lines in all of `sinks`. Lines that are recorded at the same time are written by one append.
 * The first line of the chain names the sinks, the last says that it was closed in good order.
 *
 * A line that a sink did not take stays at the head of the next append, for a chain has no gaps; its caller was told
 * that it is not written, so it may tell of an answer that was withheld. Nothing new is taken while too many wait.
 */
export async function openAuditWriter(options: AuditWriterOptions): Promise<AuditWriter> {
  const { sinks, sha256, service, now = () => new Date(), deadlineMs = 3_000, mostUnwritten = 4_000 } =
    options;
  const chain = new Chain(uuidv7(), sha256);
  let unwritten: SealedLine[] = [];
  let failing = false;

  await catchUp(sinks, deadlineMs);
  const batcher = new Batcher(writeBatch, { lanes: 1, batch: 512, queue: 4_000 });
  const { signal: never } = new AbortController();
  const own = ofService(service);
  await batcher.add(toStart(), never);

  return {
    of: ofService,
    unwritten: () => unwritten.length + batcher.depth,
    check: async () => void await batcher.add(undefined, never),
    async close() {
      await own.record({ action: "audit.stop", outcome: "success", actor: actorOf(service) });
      for (const sink of sinks) await sink.close();
    },
  };

  function ofService(service: string): Audit {
    return {
      async record(entry, withinMs) {
        try {
          const written = batcher.add(toFields(entry, { service, id: uuidv7(), at: now() }), never);
          // Past that it still goes on: a line of something that took effect must not be lost.
          await (withinMs === undefined ? written : within(withinMs, written));
        } catch (cause) {
          throw new AuditUnavailable({ cause });
        }
      },
    };
  }

  async function writeBatch(batch: readonly (AuditFields | undefined)[]): Promise<readonly void[]> {
    if (unwritten.length >= mostUnwritten) await write();
    for (const fields of batch) if (fields) unwritten.push(chain.seal(fields));
    await write();
    return batch.map(() => undefined);
  }

  async function write(): Promise<void> {
    if (unwritten.length === 0) return;
    try {
      await appendToAll(sinks, unwritten, deadlineMs);
    } catch (error) {
      if (!failing) log.error("Cannot write audit lines: {error}", { error: nameOf(error) });
      failing = true;
      throw error;
    }
    if (failing) log.info("Audit lines are written again");
    failing = false;
    unwritten = [];
  }

  function toStart(): AuditFields {
    const entry: AuditEntry = { action: "audit.start", outcome: "success", actor: actorOf(service) };
    const fields = toFields(entry, { service, id: uuidv7(), at: now() });
    return { ...fields, "kependudukan.sinks": sinks.map((sink) => sink.name) };
  }
}

/** A crash between two sinks leaves the later one without the last lines of the first; a stop in good order does not. */
async function catchUp([first, ...others]: readonly AuditSink[], deadlineMs: number): Promise<void> {
  const lines = await first?.recent() ?? [];
  const last = lines.at(-1)?.line;
  if (!last || last["event.action"] === "audit.stop") return;
  const writer = last["kependudukan.chain.writer"];
  const cutOff = lines.filter(({ line }) => line["kependudukan.chain.writer"] === writer);
  await appendToAll(others, cutOff, deadlineMs);
}

/** One after the other, so that the first is ahead of the others whenever the process ends. */
async function appendToAll(
  sinks: readonly AuditSink[],
  lines: readonly SealedLine[],
  deadlineMs: number,
): Promise<void> {
  for (const sink of sinks) {
    const deadline = AbortSignal.timeout(deadlineMs);
    await untilAborted(sink.append(lines, deadline), deadline);
  }
}

function actorOf(service: string): AuditEntry["actor"] {
  return { kind: "service", id: service, roles: [] };
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}

export interface AuditWriterOptions {
  /** At least one; the first is written first. */
  readonly sinks: readonly [AuditSink, ...AuditSink[]];
  readonly sha256: Sha256;
  /** The process, for the first and the last line. */
  readonly service: string;
  readonly now?: () => Date;
  /** Milliseconds that one append to one sink may take. */
  readonly deadlineMs?: number;
  /** Lines that may wait for a sink that fails. */
  readonly mostUnwritten?: number;
}

export interface AuditWriter {
  /** The audit under the name of one part of the system. */
  of(service: string): Audit;
  /** Lines that wait or that a sink did not take. */
  unwritten(): number;
  /** Rejects while lines cannot be written; tries those that wait again. */
  check(): Promise<void>;
  /** Writes the last line and closes the sinks; nothing may be recorded after it. */
  close(): Promise<void>;
}

const log = getLogger(["kependudukan", "audit"]);

import { z } from "zod";
import { decode } from "../../../shared/events/penduduk_event.ts";
import { readLetters } from "../../../shared/dead_letters/letters.ts";
import { PROVINSI } from "../../../shared/penduduk/provinsi.ts";
import type { Platform } from "../../../shared/runtime/platform.ts";
import type { System } from "../system/system.ts";
import type { Event, Row, Stored } from "./judge.ts";

/** Reads all that the stores hold, past the lines that are broken. */
export async function readStored(system: System): Promise<Stored> {
  const { onlooker } = system;
  const signal = AbortSignal.timeout(READ_MS);
  const [registry, events, letters] = await Promise.all([
    readRegistry(onlooker),
    readEvents(onlooker, signal),
    readLetterIds(onlooker, signal),
  ]);
  const { provinces } = await (await onlooker.statisticsStore()).read();
  const directory = await onlooker.officers();
  const officers = new Map<string, readonly string[]>();
  for (const { kode } of PROVINSI) officers.set(kode, (await directory.of(kode)).map(({ id }) => id));
  const ledger = await (await onlooker.smsLedger()).recent(MOST_SMS);
  return {
    registry,
    events,
    statistics: new Map(provinces.map(({ kode, jumlah }) => [kode, jumlah])),
    officers,
    accepted: await readAccepted(messagesApiOf(system)),
    ledger: new Map(ledger.map(({ id, state }) => [id, state])),
    letters,
  };
}

/** Of the Messages API, past its line. */
export function messagesApiOf(system: System): string {
  return z.string().parse(system.dependency("messages-api").direct["TWILIO_API_URL"]);
}

async function readRegistry(onlooker: Platform): Promise<readonly Row[]> {
  const pool = await onlooker.pool("chaos", { max: 2, role: "reader" });
  const { rows } = await pool.query<Row>("select id, kode_provinsi as kode from penduduk");
  return rows;
}

async function readEvents(onlooker: Platform, signal: AbortSignal): Promise<readonly Event[]> {
  const events: Event[] = [];
  const log = await onlooker.eventLog();
  for await (const { value } of log.read("pendaftaran-events", signal)) {
    const decoded = decode(value);
    if (decoded.kind === "poison") {
      throw new Error(`The log holds a record that is no event: ${decoded.code}`);
    }
    const { id, subject, data: { kode } } = decoded.event;
    events.push({ id, subject, kode });
  }
  return events;
}

async function readLetterIds(onlooker: Platform, signal: AbortSignal): Promise<ReadonlySet<string>> {
  const ids = new Set<string>();
  for await (const { failure, record } of readLetters(await onlooker.eventLog(), signal)) {
    if (failure.group !== "notification-group") continue;
    if (failure.smsId !== undefined) ids.add(failure.smsId);
    const decoded = decode(record.value);
    if (decoded.kind === "event") ids.add(decoded.event.id);
  }
  return ids;
}

/** The address for reports names the message. */
async function readAccepted(api: string): Promise<readonly string[]> {
  const response = await fetch(`${api}/messages`, { signal: AbortSignal.timeout(READ_MS) });
  const messages = Messages.parse(await response.json());
  return messages.map(({ statusCallback }) => statusCallback.searchParams.get("id") ?? "");
}

const Messages = z.array(z.object({ statusCallback: z.url().transform((text) => new URL(text)) }));

const READ_MS = 120_000;
const MOST_SMS = 10_000_000;

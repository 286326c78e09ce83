import { createHash } from "node:crypto";
import type { FiledLetter } from "../../../shared/dead_letters/letters.ts";
import { parseJson } from "../../../shared/events/json.ts";
import type { Header } from "../../../shared/ports/event_log.ts";

/** The head of the columns of `toRow`. */
export const HEAD = columns("ID", "STATE", "GROUP", "TRIES", "CODE", "FIRST FAILED", "FROM", "TRACE");

/** One letter as one line. */
export function toRow({ id, state, failure }: FiledLetter): string {
  const { group, attempts, code, firstFailedAt, origin, traceId } = failure;
  const from = origin ? `${origin.partition}/${origin.offset}` : "-";
  return columns(id, state, group, String(attempts), code, firstFailedAt.toISOString(), from, traceId ?? "-");
}

/** One letter as a person may see it: nothing that could be personal, whatever was written in its place. */
export function toText({ id, state, record, failure }: FiledLetter): string {
  const { origin } = failure;
  const rows: readonly (readonly [string, string | undefined])[] = [
    ["id", id],
    ["state", state],
    ["group", failure.group],
    ["code", failure.code],
    ["message", failure.message],
    ["tries", String(failure.attempts)],
    ["first failed", failure.firstFailedAt.toISOString()],
    ["from", origin && `${origin.topic}, partition ${origin.partition}, offset ${origin.offset}`],
    ["written", origin?.timestamp.toISOString()],
    ["trace", failure.traceId],
    ["SMS", failure.smsId],
    ["key", describeBytes(record.key)],
    ...record.headers.map((header) => [`header ${nameOf(header)}`, describeHeader(header)] as const),
    ["value", describeValue(record.value)],
  ];
  return rows.flatMap(([name, value]) => value === undefined ? [] : [`${name.padEnd(20)}${value}`]).join(
    "\n",
  );
}

function columns(...texts: readonly string[]): string {
  const widths = [10, 9, 19, 6, 26, 25, 12];
  return texts.map((text, i) => text.padEnd(widths[i] ?? 0)).join(" ").trimEnd();
}

/** Ids of residents are random: no key of ours says who it is. Another may be anything. */
function describeBytes(bytes: Uint8Array | null): string {
  if (bytes === null) return "none";
  const text = new TextDecoder().decode(bytes);
  return UUID.test(text) ? text : `masked, ${sizeOf(bytes)}`;
}

function nameOf([name]: Header): string {
  return /^[a-z][a-z-]{0,40}$/.test(name) ? name : "masked";
}

function describeHeader([name, value]: Header): string {
  const text = new TextDecoder().decode(value);
  const known = SAFE_HEADERS.get(name)?.test(text) ?? false;
  return known ? text : `masked, ${sizeOf(value)}`;
}

function describeValue(value: Uint8Array | null): string {
  if (value === null) return "none";
  const size = `${sizeOf(value)}, SHA-256 ${createHash("sha256").update(value).digest("hex").slice(0, 16)}`;
  const json = parseJson(value);
  if (json === undefined) return `masked, ${size}: not JSON`;
  return `${size}\n${JSON.stringify(masked(json), null, 2)}`;
}

/** Of what is known by its name and looks as it should, the value; of all else, what kind of thing it is. */
function masked(value: unknown, name = ""): unknown {
  if (Array.isArray(value)) return `[masked: a list of ${value.length}]`;
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map((
        [name, part],
        i,
      ) => [SAFE_FIELDS.has(name) ? name : `[masked ${i}]`, masked(part, name)]),
    );
  }
  if (SAFE_FIELDS.get(name)?.test(String(value))) return value;
  return typeof value === "string" ? `[masked: ${value.length} characters]` : `[masked: ${typeof value}]`;
}

function sizeOf(bytes: Uint8Array): string {
  return `${bytes.length} ${bytes.length === 1 ? "byte" : "bytes"}`;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const TRACEPARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;
const SAFE_HEADERS = new Map([
  ["content-type", /^application\/cloudevents\+json; charset=UTF-8$/],
  ["traceparent", TRACEPARENT],
]);
const SAFE_FIELDS = new Map([
  ["specversion", /^\d\.\d$/],
  ["id", UUID],
  ["source", /^\/[a-z]{1,20}$/],
  ["type", /^[a-z]{1,20}\.[a-z]{1,20}$/],
  ["subject", UUID],
  ["time", /^\d{4}-\d\d-\d\dT[\d:.]{8,12}(Z|[+-]\d\d:\d\d)$/],
  ["datacontenttype", /^application\/json$/],
  ["traceparent", TRACEPARENT],
  ["data", /^$/],
  ["kode", /^\d\d$/],
  ["jenisKelamin", /^(laki-laki|perempuan)$/],
  ["tahunLahir", /^(19|20)\d\d$/],
  ["personal", /^$/],
]);

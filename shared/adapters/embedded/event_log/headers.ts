import { Buffer } from "node:buffer";
import type { Header } from "../../../ports/event_log.ts";

/** Headers as one text that keeps their order, repeated names and every byte. */
export function encodeHeaders(headers: readonly Header[]): string {
  return new URLSearchParams(headers.map(([name, value]) => [name, Buffer.from(value).toString("base64url")]))
    .toString();
}

export function decodeHeaders(text: string): readonly Header[] {
  return Array.from(new URLSearchParams(text), ([name, value]) => [name, Buffer.from(value, "base64url")]);
}

import { Buffer } from "node:buffer";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/** Where below the folder one of the texts stands, in any way of writing it that a store or a log may have. */
export function findInFiles(folder: string, texts: Readonly<Record<string, string>>): readonly Find[] {
  const patterns = Object.entries(texts).flatMap(([what, text]) =>
    Object.entries(writings(text)).flatMap(([writing, forms]) =>
      forms.map((form) => ({ what, writing, form: form.toString("latin1") }))
    )
  );
  const overlap = Math.max(...patterns.map(({ form }) => form.length));
  return filesBelow(folder).flatMap((file) => {
    const found = new Map<string, Find>();
    for (const chunk of chunksOf(file, overlap)) {
      for (const { what, writing, form } of patterns) {
        if (chunk.includes(form)) found.set(`${what} ${writing}`, { what, writing, file });
      }
    }
    return [...found.values()];
  });
}

export interface Find {
  readonly what: string;
  readonly writing: string;
  readonly file: string;
}

/** A text as bytes, by the name of the writing. */
export function writings(text: string): Readonly<Record<string, readonly Buffer[]>> {
  const utf8 = Buffer.from(text, "utf8");
  const utf16 = Buffer.from(text, "utf16le");
  const hex = utf8.toString("hex");
  return {
    "UTF-8": [utf8],
    "UTF-16": [utf16, Buffer.from(utf16).swap16()],
    "hexadecimal": [Buffer.from(hex), Buffer.from(hex.toUpperCase())],
    "base64": [0, 1, 2].flatMap((before) => inBase64(utf8, before)),
    "percent": [encodeURIComponent(text), new URLSearchParams({ x: text }).toString().slice(2)].map((form) =>
      Buffer.from(form)
    ),
    "JSON": [Buffer.from(JSON.stringify(text).slice(1, -1))],
  };
}

/** What base64 makes of it at any place: three ways, by the number of bytes before it, without what neighbours share. */
function inBase64(bytes: Uint8Array, before: number): readonly Buffer[] {
  const padded = Buffer.concat([Buffer.alloc(before), bytes]);
  const whole = padded.subarray(0, padded.length - padded.length % 3);
  const from = before === 0 ? 0 : 4;
  return (["base64", "base64url"] as const).map((form) => Buffer.from(whole.toString(form).slice(from)));
}

function filesBelow(folder: string): readonly string[] {
  if (!existsSync(folder)) throw new Error(`Find no folder "${folder}" to search`);
  return readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) => join(folder, name))
    // Stores remove files while we look.
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false);
}

/**
 * The file as strings of a character a byte, which V8 searches at the speed of memory, each with the end of the one
 * before it. Without what is all zeros: Kafka's indexes are ten megabytes of them each.
 */
function* chunksOf(file: string, overlap: number): Generator<string> {
  const bytes = readWhole(file);
  for (let from = 0; from < bytes.length; from += CHUNK) {
    const chunk = bytes.subarray(Math.max(0, from - overlap), from + CHUNK);
    if (!ZEROS.subarray(0, chunk.length).equals(chunk)) yield chunk.toString("latin1");
  }
}

const CHUNK = 1 << 20;
const ZEROS = Buffer.alloc(2 * CHUNK);

function readWhole(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return Buffer.alloc(0);
    throw error;
  }
}

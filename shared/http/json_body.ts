import type { Context } from "hono";
import type { z } from "zod";
import { type FieldError, Problem } from "./problem.ts";
import { readBody } from "./read_body.ts";

/** Reads a JSON body and parses it by the schema; throws the `Problem` that names everything wrong with it. */
export async function readJson<S extends z.ZodType>(c: Context, schema: S): Promise<z.output<S>> {
  const parsed = schema.safeParse(await readJsonValue(c), { reportInput: true });
  if (parsed.success) return parsed.data;
  throw invalidInput(fieldErrors(parsed.error));
}

/** Reads a JSON body: 415 for another media type, 400 for what is not one well-formed JSON object. */
export async function readJsonValue(c: Context): Promise<unknown> {
  const mediaType = c.req.header("content-type")?.split(";")[0]?.trim().toLowerCase();
  if (mediaType !== "application/json") {
    throw new Problem("UNSUPPORTED_MEDIA_TYPE", "Kirim isi sebagai application/json", {
      headers: { accept: "application/json" },
    });
  }
  const text = decodeUtf8(await readBody(c));
  const value = parseJson(text);
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Problem("MALFORMED_JSON", "Isi harus berupa satu objek JSON");
  }
  const repeated = isWrittenPlainly(text, value) ? [] : repeatedFields(text);
  if (repeated.length > 0) {
    throw invalidInput(repeated.map((field) => ({ field, detail: "Ditulis lebih dari sekali" })));
  }
  return value;
}

export function invalidInput(errors: readonly FieldError[]): Problem {
  const fields = [...new Set(errors.map((error) => error.field))].join(", ");
  return new Problem("INVALID_INPUT", `Perbaiki isian berikut: ${fields}`, { errors });
}

/** Every issue as a field and an Indonesian sentence; unknown fields are named one by one. */
export function fieldErrors(error: z.ZodError): readonly FieldError[] {
  return error.issues.flatMap((issue): FieldError[] => {
    if (issue.code === "unrecognized_keys") {
      return issue.keys.map((key) => ({ field: fieldName(key), detail: "Isian ini tidak dikenal" }));
    }
    const field = issue.path.join(".") || "(isi)";
    if (issue.code === "invalid_type") {
      const missing = issue.input === undefined;
      return [{ field, detail: missing ? "Wajib diisi" : "Jenis nilai salah" }];
    }
    return [{ field, detail: issue.message }];
  });
}

function decodeUtf8(bytes: ArrayBuffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch (cause) {
    throw new Problem("MALFORMED_JSON", "Isi bukan teks UTF-8", { cause });
  }
}

function parseJson(text: string): unknown {
  if (text.trim() === "") throw new Problem("MALFORMED_JSON", "Isi kosong");
  try {
    return JSON.parse(text);
  } catch {
    // The cause is left out: V8 quotes the text around the error, and that may be a person's data.
    throw new Problem("MALFORMED_JSON", "Isi bukan JSON yang sah");
  }
}

/**
 * Whether `stringify` would have written it, and so each field once: that tells most texts apart in a tenth of the time.
 * Nothing that nests, for that could be too deep for `stringify`.
 */
function isWrittenPlainly(text: string, value: object): boolean {
  return text.lastIndexOf("{") === 0 && !text.includes("[") && JSON.stringify(value) === text;
}

/**
 * JSON.parse keeps the last of two fields of one name; two readers could then see two different people. Only the
 * outermost object is looked at: no input of this system nests. The text is known to be JSON by now, so its tokens
 * can be told by one expression; a parser would recurse, and 16 KiB of brackets exhaust its stack.
 */
function repeatedFields(text: string): readonly string[] {
  const seen = new Set<string>();
  const repeated = new Set<string>();
  let depth = 0;
  let name = "";
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\]:]/g)) {
    if (token === "{" || token === "[") depth++;
    else if (token === "}" || token === "]") depth--;
    else if (token !== ":") name = token;
    else if (depth === 1) {
      const field = String(JSON.parse(name));
      if (seen.has(field)) repeated.add(fieldName(field));
      seen.add(field);
    }
  }
  return [...repeated];
}

/** A field's name comes from the client: bounded, and shown only when it cannot be somebody's data. */
function fieldName(name: string): string {
  return /^[A-Za-z_][A-Za-z_-]{0,39}$/.test(name) ? name : "(nama isian tidak sah)";
}

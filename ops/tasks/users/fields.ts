import { z } from "zod";
import { parseNama } from "../../../shared/penduduk/text.ts";
import { type KodeProvinsi, parseProvinsi } from "../../../shared/penduduk/provinsi.ts";
import {
  parseUsername,
  PERSON_ROLES,
  type PersonRole,
  type Username,
} from "../../../shared/ports/user_directory.ts";

/**
 * Reads the fields of a user from the command line or a row of a file. What is wrong is the end of a sentence that
 * begins with the field's name, and never repeats a name or an address of a person.
 */
export function readUsername(text: string): Username | Wrong {
  return parseUsername(text);
}

export function readNama(text: string): string | Wrong {
  const parsed = parseNama(text);
  return parsed.kind === "text"
    ? parsed.text
    : { wrong: "takes one to 100 Latin letters, spaces, apostrophes, hyphens, dots and commas" };
}

/** Undefined when the field is empty. */
export function readEmail(text: string): string | undefined | Wrong {
  if (text === "") return undefined;
  // A spreadsheet runs what begins with one of =, +, - and @ (CWE-1236).
  const parsed = z.email().max(255).regex(/^[a-z0-9]/i).safeParse(text);
  return parsed.success ? parsed.data : { wrong: "takes an address such as nama@contoh.go.id" };
}

/** Separated by commas, or in a file by semicolons or spaces as well. */
export function readRoles(text: string): ReadonlySet<PersonRole> | Wrong {
  const names = text.split(/[,; ]+/).filter(Boolean);
  const roles = names.map((name) => PERSON_ROLES.find((role) => role === name));
  if (names.includes("tanpa-batas")) {
    return { wrong: 'holds "tanpa-batas", which is for service accounts alone' };
  }
  const known = roles.filter((role) => role !== undefined);
  if (known.length === 0 || known.length < roles.length) {
    return { wrong: `takes one or several of ${PERSON_ROLES.join(", ")}` };
  }
  return new Set(known);
}

/** Where an officer works: one province, or by the word "semua" all of them; nothing when the field is empty. */
export function readScope(text: string): Scope | undefined | Wrong {
  if (text.trim() === "") return undefined;
  if (text.trim().toLowerCase() === EVERYWHERE) return EVERYWHERE;
  const parsed = parseProvinsi(text);
  if (parsed.kind === "provinsi") return parsed.kode;
  const near = parsed.suggestion === undefined ? "" : `; did you mean "${parsed.suggestion}"`;
  return { wrong: `takes the name or the code of a province, or "${EVERYWHERE}"${near}` };
}

/** An officer's province is said and never forgotten: without one, the whole country could be read. */
export function scopeFault(roles: ReadonlySet<PersonRole>, scope: Scope | undefined): Wrong | undefined {
  if (roles.has("petugas") && scope === undefined) {
    return { wrong: `is missing: a petugas has a province, or "${EVERYWHERE}"` };
  }
  if (!roles.has("petugas") && scope !== undefined) return { wrong: "is for a petugas alone" };
  return undefined;
}

export function provinceOf(scope: Scope | undefined): KodeProvinsi | undefined {
  return scope === EVERYWHERE ? undefined : scope;
}

export function isWrong(value: unknown): value is Wrong {
  return typeof value === "object" && value !== null && "wrong" in value;
}

const EVERYWHERE = "semua";

export type Scope = KodeProvinsi | typeof EVERYWHERE;

export interface Wrong {
  readonly wrong: string;
}

import type { SubjectTag } from "../../ports/audit.ts";
import type { Nik } from "../../penduduk/nik.ts";
import { hmacSha256 } from "../hmac.ts";
import { activeKey, type KeyRing } from "../key_ring.ts";

/** Stands for a person in the audit: worthless without the key, and equal for equal persons under one key. */
export function subjectTag(ring: KeyRing, nik: Nik): SubjectTag {
  return tagBy(ring.active, activeKey(ring), nik);
}

/** The tags under all keys of the ring, today's first: lines from before a rotation bear an older one. */
export function subjectTags(ring: KeyRing, nik: Nik): readonly [SubjectTag, ...SubjectTag[]] {
  const older = [...ring.keys].filter(([id]) => id !== ring.active);
  return [subjectTag(ring, nik), ...older.map(([id, key]) => tagBy(id, key, nik))];
}

function tagBy(id: string, key: Uint8Array, nik: Nik): SubjectTag {
  return `${id}:${hmacSha256(key, nik).toString("hex")}`;
}

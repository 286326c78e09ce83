import { Buffer } from "node:buffer";
import { CIPHER } from "../../../shared/adapters/postgres/encryption.ts";
import { activeKey, type KeyRing, type Keys } from "../../../shared/security/key_ring.ts";

/** Everything in PostgreSQL that stands under a key and can be rewritten under another. */
export const ENCRYPTED: readonly EncryptedTable[] = [
  {
    relation: "penduduk",
    firstId: "00000000-0000-0000-0000-000000000000",
    columns: ["nik", "nama", "alamat"],
  },
  { relation: "sms_ledger", firstId: "", columns: ["personal"] },
  { relation: "sms_outbox", firstId: "", columns: ["personal"] },
  { relation: "officer", firstId: "00000000-0000-0000-0000-000000000000", columns: ["telepon"] },
];

/** Rewrites the encrypted columns of one table under the active key. */
export function columnsJob({ relation, firstId, columns }: EncryptedTable, { columns: ring }: Keys): Job {
  const sets = columns.map((column) =>
    `${column} = pgp_sym_encrypt(pgp_sym_decrypt(t.${column}, k.passphrase), $4::text, ${CIPHER})`
  );
  return {
    ...{ ring: "columns", relation, firstId },
    ...target(ring),
    stale: "t.key_id <> $1::text",
    keyOf: "t.key_id",
    set: ["key_id = $1::text", ...sets].join(", "),
  };
}

/** Rewrites by what a person is found. The database reads the NIK; it does not leave it. */
export function indexJob({ blindIndex: ring }: Keys): Job {
  return {
    ...{ ring: "blindIndex", relation: "penduduk", firstId: "00000000-0000-0000-0000-000000000000" },
    ...target(ring),
    stale: "t.nik_index_key is distinct from $1::text",
    keyOf: "coalesce(t.nik_index_key, 'the first')",
    set: `nik_index_key = $1::text, nik_index = hmac(
      convert_to(pgp_sym_decrypt(t.nik, k.passphrase), 'UTF8'), decode($4::text, 'base64'), 'sha256')`,
  };
}

function target(ring: KeyRing): Pick<Job, "keyId" | "secret"> {
  return { keyId: ring.active, secret: Buffer.from(activeKey(ring)).toString("base64") };
}

export interface EncryptedTable {
  readonly relation: string;
  /** No id comes before it. */
  readonly firstId: string;
  readonly columns: readonly string[];
}

export interface Job {
  readonly ring: "columns" | "blindIndex";
  readonly relation: string;
  readonly firstId: string;
  /** The key to write under: $1 in SQL; the secret in base64: $4. */
  readonly keyId: string;
  readonly secret: string;
  /** SQL over a row `t`: whether it is under another key, and under which. */
  readonly stale: string;
  readonly keyOf: string;
  /** SQL that writes it under the key; `k.passphrase` reads its columns. */
  readonly set: string;
}

import { getLogger } from "@logtape/logtape";
import { findKey, type KeyRing } from "../../../security/key_ring.ts";
import { parseTelepon, type Sms, type Telepon } from "../../../ports/sms.ts";

/** Recipient and body as one text, because each encryption costs 31 µs. */
export function toPersonal({ to, body }: Sms): string {
  return `${to}\n${body}`;
}

/**
 * Recipient and body of each row. Rows whose key is gone are reported and left out, so that one of them does not
 * stand in the way of the rest; where the key is in the file by now, the next call reads them.
 */
export function decrypted<Row extends EncryptedRow>(rows: readonly Row[], ring: KeyRing): (Row & Personal)[] {
  return rows.flatMap((row) => {
    if (row.personal !== null) return [{ ...row, ...fromPersonal(row.personal) }];
    if (findKey(ring, row.key_id)) return [];
    log.error("Cannot read an SMS without the key {keyId}", { keyId: row.key_id });
    return [];
  });
}

export interface EncryptedRow {
  readonly key_id: string;
  /** Decrypted by the query; null when none of the keys has the row's id. */
  readonly personal: string | null;
}

type Personal = Pick<Sms, "to" | "body">;

function fromPersonal(text: string): Personal {
  const end = text.indexOf("\n");
  return { to: toTelepon(text.slice(0, end)), body: text.slice(end + 1) };
}

/** A number as it was stored; the error does not repeat it. */
export function toTelepon(text: string): Telepon {
  const telepon = parseTelepon(text);
  if (telepon === undefined) throw new Error("Expect a stored telephone number to be E.164");
  return telepon;
}

const log = getLogger(["kependudukan", "sms"]);

import { getLogger } from "@logtape/logtape";
import type { Binary } from "mongodb";
import { z } from "zod";
import type { Sms, SmsId } from "../../ports/sms.ts";
import type { FieldEncryption } from "./encryption/field_encryption.ts";
import { storedTelepon } from "./stored_telepon.ts";

/** What of a message the ledger stores encrypted. */
export interface EncryptedSms {
  /** The number, deterministic: it can be looked up. */
  readonly to: Binary;
  /** `{ id, to, text }`, random: the format of the fields binds none to its document. */
  readonly body: Binary;
}

export async function encryptSms(fields: FieldEncryption, { id, to, body }: Sms): Promise<EncryptedSms> {
  return {
    to: await fields.encrypt(to, "deterministic"),
    body: await fields.encrypt({ id, to, text: body }, "random"),
  };
}

/** Undefined for what cannot be read or was not claimed like this, which is reported. */
export async function decryptSms(
  fields: FieldEncryption,
  { _id, to, body }: EncryptedSms & { readonly _id: SmsId },
): Promise<Pick<Sms, "to" | "body"> | undefined> {
  const [number, whole] = [await fields.decrypt(to), await fields.decrypt(body)];
  const refuse = (reason: string) => void log.error("Cannot read SMS {id}: {reason}", { id: _id, reason });
  if (number.kind === "unreadable") return refuse(`"to" ${number.reason}`);
  if (whole.kind === "unreadable") return refuse(`"body" ${whole.reason}`);
  const sms = Body.safeParse(whole.value).data;
  // Each field may be genuine and yet of another message: nobody's data may go to another's telephone.
  if (sms?.id !== _id || sms.to !== number.value) {
    return refuse("what was claimed differs from what is stored");
  }
  return { to: storedTelepon(sms.to), body: sms.text };
}

const Body = z.object({ id: z.string(), to: z.string(), text: z.string() });

const log = getLogger(["kependudukan", "mongodb"]);

import { parseTelepon, type Telepon } from "../../ports/sms.ts";

/** A number as it was stored; the error does not repeat it. */
export function storedTelepon(text: string): Telepon {
  const telepon = parseTelepon(text);
  if (telepon === undefined) throw new Error("Expect a stored telephone number to be E.164");
  return telepon;
}

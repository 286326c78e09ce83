import type { TextKey } from "../texts/texts.ts";

/** Why letters of this code failed, and what to do before they are replayed. */
export function causeOf(code: string): LetterCause {
  const [, cause] = CAUSES.find(([codes]) => codes.test(code)) ?? UNREADABLE;
  return cause;
}

export interface LetterCause {
  readonly what: TextKey;
  readonly remedy: TextKey;
}

const UNREADABLE = [/^/, { what: "letters.unreadable", remedy: "letters.unreadable.remedy" }] as const;
const CAUSES: readonly (readonly [codes: RegExp, LetterCause])[] = [
  [/^PERSONAL_/, { what: "letters.sealed", remedy: "letters.sealed.remedy" }],
  [/^OFFICERS_/, { what: "letters.officers", remedy: "letters.store.remedy" }],
  [/^SMS_LEDGER_/, { what: "letters.ledger", remedy: "letters.store.remedy" }],
  [/^SMS_REFUSED_/, { what: "letters.refused", remedy: "letters.refused.remedy" }],
  [/^SMS_PARKED_/, { what: "letters.parked", remedy: "letters.parked.remedy" }],
];

import { t, type TextKey } from "../texts/texts.ts";

/** What the verifier found, in the words of the page; its own where there are none. */
export function findingText(what: string): string {
  const removed = /^(\d+) lines removed before it$/.exec(what)?.[1];
  if (removed !== undefined) return t("chain.removed", { count: Number(removed) });
  const key = FINDINGS[what];
  return key === undefined ? what : t(key);
}

/** By the sentences of shared/security/audit/verify.ts. */
const FINDINGS: Readonly<Record<string, TextKey>> = {
  "altered": "chain.altered",
  "not a line of the audit": "chain.noLine",
  "repeated or out of order": "chain.order",
  "not the next line of its chain": "chain.notNext",
  "columns differ from the line": "chain.columns",
};

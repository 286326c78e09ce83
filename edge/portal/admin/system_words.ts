import type { SystemState } from "../../../shared/http/schemas/system.ts";
import type { TextKey } from "../texts/texts.ts";

/** What of the figures somebody has to look at, as keys of the sentences that say so. */
export function attention(figures: SystemState["figures"]): readonly Wanting[] {
  const { outboxOldestSeconds = 0, outboxParked = 0, deadLetters = 0 } = figures;
  return [
    ...outboxOldestSeconds > OUTBOX_SECONDS ? ["outboxRows"] as const : [],
    ...outboxParked > 0 ? ["outboxParked"] as const : [],
    ...deadLetters > 0 ? ["deadLetters"] as const : [],
  ];
}

/** Undefined for one that this page does not know: then its own name is shown. */
export function dependencyName(name: string): TextKey | undefined {
  return DEPENDENCIES[name];
}

export const FIGURE_KEYS = [
  "outboxRows",
  "statisticsLag",
  "notificationLag",
  "outboxParked",
  "deadLetters",
] as const;
export type FigureKey = typeof FIGURE_KEYS[number];
/** A lag alone is work under way; what is behind for good shows in what was last counted. */
export type Wanting = Extract<FigureKey, "outboxRows" | "outboxParked" | "deadLetters">;

/** As `deno task status` judges it, ops/tasks/status/figures.ts. */
const OUTBOX_SECONDS = 60;

const DEPENDENCIES: Readonly<Record<string, TextKey>> = {
  "identity": "system.on.identity",
  "audit": "system.on.audit",
  "rate-limit-store": "system.on.limits",
  "postgresql": "system.on.postgresql",
  "event-log": "system.on.eventLog",
  "statistics-store": "system.on.statistics",
  "sms-ledger": "system.on.ledger",
  "sms-sender": "system.on.sender",
  "officers": "system.on.officers",
};

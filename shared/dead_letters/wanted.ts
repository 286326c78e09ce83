import type { Group } from "../ports/event_log.ts";
import type { Letter } from "./letter.ts";
import type { LetterId } from "./letter_id.ts";

/** Whether the letter is among those that a person named. */
export function isWanted({ id, failure }: Letter, { ids, code, group }: Wanted): boolean {
  if (ids && !ids.has(id)) return false;
  if (code !== undefined && failure.code !== code) return false;
  return group === undefined || failure.group === group;
}

/** What is not set narrows nothing. */
export interface Wanted {
  readonly ids?: ReadonlySet<LetterId> | undefined;
  readonly code?: string | undefined;
  readonly group?: Group | undefined;
}

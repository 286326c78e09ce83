/**
 * A label's value as it may stand in the metrics: a word of a closed list. What looks like a number of a person, an id or
 * free text is counted as "other", whoever passed it.
 */
export function boundedLabel(value: string): string {
  if (COMMIT.test(value)) return value;
  return value.length <= LONGEST && !PERSONAL.test(value) ? value : OTHER;
}

export const OTHER = "other";
const COMMIT = /^[0-9a-f]{40}$/;
const LONGEST = 80;
/** Numbers longer than any code of a provider, UUIDs, addresses of mail. */
const PERSONAL = /\d{7}|[0-9a-f]{8}-[0-9a-f]{4}-|@/i;

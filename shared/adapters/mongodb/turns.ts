/**
 * Numbers that rise with every call: microseconds of Unix time, moved on where one millisecond holds several. They
 * order what one process does exactly, and what several do as well as the clock that they share.
 */
export function turns(now: () => number): () => number {
  let last = 0;
  return () => last = Math.max(last + 1, Math.floor(now()) * 1_000);
}

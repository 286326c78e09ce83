import { useEffect, useState } from "preact/hooks";
import { ask, type Outcome } from "../api/client.ts";

/** What the edge answers to a question that is asked when the view opens, and again on demand. */
export function useAnswer<T>(path: string): { answer: Outcome<T> | undefined; again: () => void } {
  const [answer, setAnswer] = useState<Outcome<T>>();
  const [round, setRound] = useState(0);
  useEffect(() => {
    const stop = new AbortController();
    void ask<T>(path, { signal: stop.signal }).then((outcome) => {
      if (!stop.signal.aborted) setAnswer(outcome);
    });
    return () => stop.abort();
  }, [path, round]);
  return { answer, again: () => setRound(round + 1) };
}

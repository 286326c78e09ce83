import type { LogRecord, Sink } from "@logtape/logtape";

/**
 * Lets each sentence through so often a minute; of more only the number is told, in one line when the minute is over: an
 * outage must not fill the disk, and not one error may go uncounted. What is said for debugging always passes.
 * Whoever wants that line in time calls `flush`; otherwise it comes before the next line.
 */
export function collapseRepeats(write: Sink, mostAMinute = 30): Sink & { flush(): void } {
  const sentences = new Map<string, Sentence>();
  let begun = 0;
  const flush = () => {
    for (const { times, last } of sentences.values()) {
      if (times > mostAMinute) write(repeated(last, times - mostAMinute));
    }
    sentences.clear();
  };
  return Object.assign(function take(record: LogRecord): void {
    if (record.timestamp - begun >= MINUTE_MS) {
      flush();
      begun = record.timestamp;
    }
    if (record.level === "debug") return write(record);
    const key = `${record.level} ${record.category.join(".")} ${record.rawMessage}`;
    const times = (sentences.get(key)?.times ?? 0) + 1;
    sentences.set(key, { times, last: record });
    if (times <= mostAMinute) write(record);
  }, { flush });
}

interface Sentence {
  readonly times: number;
  readonly last: LogRecord;
}

function repeated(last: LogRecord, times: number): LogRecord {
  const [first, ...rest] = last.message;
  return {
    ...last,
    message: [`Repeated ${times} times: ${first}`, ...rest],
    properties: { ...last.properties, repeated: times },
  };
}

const MINUTE_MS = 60_000;

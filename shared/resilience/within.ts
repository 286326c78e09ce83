/**
 * What `work` comes to, if it does within `ms` milliseconds; else rejects with a `TimeoutError`. The work itself goes on,
 * and nobody hears what comes of it later.
 */
export function within<T>(ms: number, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new DOMException(`Wait longer than ${ms} ms`, "TimeoutError")), ms);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/**
 * What `call` comes to, with a signal that aborts after `ms` milliseconds. Unlike that of `AbortSignal.timeout`, it costs
 * nothing more once the call is over.
 */
export async function callWithin<T>(ms: number, call: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const over = new AbortController();
  const late = () => over.abort(new DOMException(`Take longer than ${ms} ms`, "TimeoutError"));
  const timer = setTimeout(late, ms);
  try {
    return await call(over.signal);
  } finally {
    clearTimeout(timer);
  }
}

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

/**
 * Whether the request surely never left, because no connection came about: only then may one be sent again that is not
 * safe to repeat. Web standards have a `TypeError` for every failure, so each runtime is known by its cause; one that
 * is not known may have sent it.
 */
export function neverLeft(error: unknown): boolean {
  if (!(error instanceof TypeError) || !(error.cause instanceof Error)) return false;
  const { cause } = error;
  // Deno: hyper-util's kind of an error before the connection stands: name lookup, TCP, TLS.
  if (cause.message.includes("client error (Connect)")) return true;
  // Node and its kin.
  return "code" in cause && typeof cause.code === "string" && BEFORE_CONNECTION.has(cause.code);
}

const BEFORE_CONNECTION: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
]);

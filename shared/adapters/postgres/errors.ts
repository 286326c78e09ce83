/**
 * What a failed call to PostgreSQL means to the caller. Only `code` and `constraint` may be logged: the message and
 * the detail of a data error repeat the value that was refused.
 */
export function classify(error: unknown): PostgresFailure {
  const code = codeOf(error);
  return { kind: kindOf(code), code, constraint: textField(error, "constraint") };
}

export interface PostgresFailure {
  readonly kind: FailureKind;
  /** The SQLSTATE, the system's error code, or a word for errors that bear neither. */
  readonly code: string;
  /** The violated constraint, for class 23. */
  readonly constraint: string | undefined;
}

export type FailureKind =
  /** Nobody could answer: the same call may succeed later. A write may have been committed all the same. */
  | "unavailable"
  /** The values are wrong: the same call fails again. */
  | "data"
  /** Another transaction stood in the way and this one was undone: try again at once. */
  | "conflict"
  | "other";

function kindOf(code: string): FailureKind {
  if (CONFLICTS.has(code)) return "conflict";
  if (UNAVAILABLE.has(code)) return "unavailable";
  if (!SQLSTATE.test(code)) return "other";
  if (DATA_CLASSES.has(code.slice(0, 2))) return "data";
  return UNAVAILABLE_CLASSES.has(code.slice(0, 2)) ? "unavailable" : "other";
}

// pg and pg-pool tell a lost connection and a missed deadline by their message alone (brianc/node-postgres#3067).
function codeOf(error: unknown): string {
  const code = textField(error, "code");
  if (code !== undefined) return code;
  if (!(error instanceof Error)) return "unknown";
  if (error.name === "TimeoutError" || TIMEOUT_MESSAGE.test(error.message)) return "timeout";
  if (CONNECTION_MESSAGE.test(error.message)) return "connection-lost";
  return error.cause === undefined ? "unknown" : codeOf(error.cause);
}

function textField(error: unknown, field: "code" | "constraint"): string | undefined {
  if (typeof error !== "object" || error === null) return undefined;
  const value: unknown = Reflect.get(error, field);
  return typeof value === "string" && value !== "" ? value : undefined;
}

const SQLSTATE = /^[0-9A-Z]{5}$/;
const TIMEOUT_MESSAGE = /^(timeout exceeded when trying to connect|timeout expired|Query read timeout)$/;
const CONNECTION_MESSAGE =
  /^(Connection terminated|Client has encountered a connection error|Client was closed|Cannot use a pool after)/;

// https://www.postgresql.org/docs/18/errcodes-appendix.html
/** Serialization failure, deadlock, lock not to be had in time. */
const CONFLICTS = new Set(["40001", "40P01", "55P03"]);
/** Data exception, integrity constraint violation. */
const DATA_CLASSES = new Set(["22", "23"]);
/** Connection exception, insufficient resources (disk full, too many connections), system error. */
const UNAVAILABLE_CLASSES = new Set(["08", "53", "58"]);
const UNAVAILABLE = new Set([
  "25006", // read-only transaction: the server became a standby
  "25P03", // idle-in-transaction timeout
  "25P04", // transaction timeout
  "28P01", // wrong password: it is being changed
  "40003", // statement completion unknown
  "57014", // statement timeout
  "57P01", // administrator shutdown
  "57P02", // crash shutdown
  "57P03", // cannot connect now
  "57P05", // idle session timeout
  "KEY_UNKNOWN", // this process has not read a key yet, see key_ring.ts
  "timeout",
  "connection-lost",
  "ECONNREFUSED",
  "ECONNRESET",
  "ECONNABORTED",
  "EPIPE",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
]);

import {
  MongoCompatibilityError,
  MongoNetworkTimeoutError,
  MongoServerError,
  MongoServerSelectionError,
  type ServerDescription,
  type TopologyDescription,
} from "mongodb";
import { Unusable } from "../../resilience/reach.ts";

/** The variable that every sentence about the server names. */
export const VARIABLE = "MONGODB_URI";

/** The sentence about a failure that no retry will mend; undefined for all others. */
export function unusable(error: unknown, database: string): Unusable | undefined {
  if (error instanceof Unusable) return error;
  const sentence = sentenceOf(error, database);
  return sentence === undefined ? undefined : new Unusable(VARIABLE, sentence);
}

/** The reason of a failed attempt in a few words, without anything that the server or the URI said in full. */
export function explain(error: unknown): string {
  if (error instanceof MongoServerSelectionError && error.reason) return explainTopology(error.reason);
  if (error instanceof MongoServerError) return explainAnswer(error);
  return explainConnection(error);
}

/** Why none of the servers is a primary that can be written to. */
export function explainTopology({ type, servers }: TopologyDescription): string {
  const members = [...servers.values()];
  const failed = members.find(({ error }) => error !== null);
  if (members.some((member) => member.type === "RSGhost")) return "its replica set is not initiated";
  if (members.some(isMember)) return "its replica set has no primary";
  if (members.length === 0 && type === "ReplicaSetNoPrimary") {
    return "its replica set has another name than the URI says";
  }
  return explainConnection(failed?.error);
}

function sentenceOf(error: unknown, database: string): string | undefined {
  switch (codeOf(error)) {
    case AUTHENTICATION_FAILED:
      return "holds a user or a password that MongoDB refuses";
    case UNAUTHORIZED:
      return `must name a user who may read and write the database "${database}"`;
    case "ENOENT":
      return "names a TLS file that does not exist";
  }
}

function explainAnswer(error: MongoServerError): string {
  const { code, codeName } = error;
  if (code === WRITE_CONCERN_TIMEOUT || code === UNSATISFIABLE_WRITE_CONCERN) {
    return "no majority of its replica set takes a write";
  }
  return `it answered ${codeName ?? code}`;
}

// The driver wraps the socket's error and tells a missed deadline in TLS by the message alone.
function explainConnection(error: unknown): string {
  if (!(error instanceof Error)) return "no answer";
  const code = codeOf(error.cause) ?? codeOf(error);
  if (error.message.includes("secureConnect")) return "no answer to the TLS handshake";
  if (error instanceof MongoNetworkTimeoutError || error.name === "TimeoutError") return "no answer";
  if (error instanceof MongoCompatibilityError) return "its version does not fit the driver";
  if (code === "ECONNREFUSED") return "connection refused";
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return "unknown host";
  if (typeof code === "string" && TLS_CODE.test(code)) return `TLS failed with ${code}`;
  if (code === "ECONNRESET" || error.message.endsWith("closed")) {
    return "connection closed, perhaps because only one side uses TLS";
  }
  return typeof code === "string" ? code : error.name;
}

function isMember({ type }: ServerDescription): boolean {
  return type === "RSSecondary" || type === "RSOther" || type === "RSArbiter";
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}

// https://www.mongodb.com/docs/manual/reference/error-codes/
const UNAUTHORIZED = 13;
const AUTHENTICATION_FAILED = 18;
const WRITE_CONCERN_TIMEOUT = 64;
const UNSATISFIABLE_WRITE_CONCERN = 100;
const TLS_CODE = /^(ERR_(SSL|TLS)|CERT_|UNABLE_TO|DEPTH_ZERO|SELF_SIGNED|HOSTNAME_MISMATCH)/;

import type { AuditLine } from "../../../shared/security/audit/line.ts";
import type { Finding } from "../../../shared/security/audit/verify.ts";
import type { Verification } from "./verify.ts";

/** One line for people: time, who, what, what came of it, from where, in which trace. */
export function toText(line: AuditLine): string {
  const { "event.reason": reason, "user.id": user = "-", "client.address": address = "-" } = line;
  const outcome = reason === undefined ? line["event.outcome"] : `${line["event.outcome"]} ${reason}`;
  const count = line["kependudukan.count"];
  return [
    line["@timestamp"],
    line["event.action"],
    count === undefined ? outcome : `${outcome} ×${count}`,
    `${line["kependudukan.actor"]} ${user}`,
    line["user.roles"]?.join(",") || "-",
    address,
    line["trace.id"] ?? "-",
  ].join("  ");
}

export function verificationText({ copies, findings }: Verification): string {
  const summary = copies.map(({ place, lines, chains }) => {
    const closed = [...chains.values()].filter((end) => end.closed).length;
    return `${place}: ${lines} lines in ${chains.size} chains, ${closed} of them closed in good order`;
  });
  const found = findings.map(findingText);
  const verdict = findings.length === 0
    ? "Nothing was altered, removed, put in, moved or cut off."
    : `${findings.length} findings: keep everything as it is and tell the security officer.`;
  return [...summary, ...found, verdict].join("\n");
}

function findingText({ place, what, writer, seq }: Finding): string {
  return `${place}: ${what}${writer === undefined ? "" : ` (chain ${writer}, line ${seq})`}`;
}

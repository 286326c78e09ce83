import * as z from "zod";
import exceptions from "../security-exceptions.json" with { type: "json" };

/**
 * `deno task audit:packages`: asks the registry, by `deno audit`, which weaknesses are known of the packages in deno.lock.
 * Exits with 1 on one that ops/security-exceptions.json does not explain. A registry that has no such list, as many
 * mirrors, leaves the packages unchecked: that is said, and is no failure.
 */
async function main(): Promise<number> {
  const { code, stdout, stderr } = await new Deno.Command("deno", {
    args: ["audit", "--ignore-registry-errors"],
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  const verdict = judge({ code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) }, {
    exceptions: parseExceptions(exceptions),
    now: new Date(),
  });
  Deno.stdout.writeSync(new TextEncoder().encode(`${verdict.lines.join("\n")}\n`));
  return verdict.code;
}

export function judge({ code, stdout, stderr }: AuditOutput, { exceptions, now }: JudgeOptions): Verdict {
  const reason = /Failed to get data from the registry: (.*)/.exec(stderr)?.[1];
  if (reason !== undefined) {
    return { code: 0, lines: [`NOT CHECKED: the registry has no advisories (${reason})`] };
  }
  const findings = findingsIn(stdout);
  if (code !== 0 && findings.length === 0) {
    return { code: 1, lines: [`Deno could not audit: ${stderr.trim()}`] };
  }
  const valid = exceptions.filter(({ expires }) => now < new Date(expires));
  const open = findings.filter(({ id }) => !valid.some((exception) => exception.id === id));
  const explained = findings.length - open.length;
  return {
    code: open.length > 0 ? 1 : 0,
    lines: [
      ...open.map(({ id, name, severity, title }) => `${severity} ${name}: ${title} (${id})`),
      `${open.length} known weaknesses, ${explained} explained in ops/security-exceptions.json`,
    ],
  };
}

/** Throws on an entry that says too little, or would stand for ever. */
export function parseExceptions(json: unknown): readonly Exception[] {
  return z.array(Exception).parse(json);
}

/** What Deno shows of each, in its frame. */
function findingsIn(text: string): readonly Finding[] {
  return [...text.matchAll(/╭ (.+)\n(?:│.*\n)*╰.*/g)].map(([block, title = ""]) => {
    const field = (name: string) => new RegExp(`${name}: +(.+)`).exec(block)?.[1] ?? "";
    return {
      title,
      name: field("Package"),
      severity: field("Severity"),
      id: field("Info").split("/").at(-1) ?? "",
    };
  });
}

const Exception = z.strictObject({
  id: z.string().regex(/^GHSA(-[0-9a-z]{4}){3}$/, "Expect the advisory's id"),
  package: z.string().min(1),
  /** Why it does no harm here. */
  reason: z.string().min(40, "Say why it does no harm here"),
  /** The day on which somebody looks again. */
  expires: z.iso.date(),
});
type Exception = z.output<typeof Exception>;

interface AuditOutput {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

interface JudgeOptions {
  readonly exceptions: readonly Exception[];
  readonly now: Date;
}

interface Verdict {
  readonly code: number;
  readonly lines: readonly string[];
}

interface Finding {
  readonly id: string;
  readonly name: string;
  readonly severity: string;
  readonly title: string;
}

if (import.meta.main) Deno.exit(await main());

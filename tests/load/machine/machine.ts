import { cpus, release, totalmem } from "node:os";
import { run } from "../../../ops/deploy/run.ts";
import type { Servers } from "../scenario.ts";

/** What figures depend on and readers must know: the machine, and the versions of what ran on it. */
export async function describeMachine(servers: Servers): Promise<Machine> {
  const processors = cpus();
  const [{ version: postgres = "" } = {}] = await servers.query("select version()");
  const programs = await Promise.all([
    firstLine("go", "version"),
    firstLine("node", "--version").then((version) => version && `Node ${version}`),
    firstLine("java", "-version"),
  ]);
  return {
    hardware: `${processors.length} × ${processors[0]?.model.trim()}, ${
      Math.round(totalmem() / 1024 ** 3)
    } GB, Linux ${release()}`,
    versions: [
      `Deno ${Deno.version.deno}`,
      String(postgres).split(" on ")[0] ?? "",
      `Kafka ${await kafkaVersion(servers)}`,
      ...programs.filter((program) => program !== undefined),
    ],
    commit: await firstLine("git", "rev-parse", "--short", "HEAD") ?? "unknown",
  };
}

export interface Machine {
  readonly hardware: string;
  readonly versions: readonly string[];
  readonly commit: string;
}

/** Java tells its version on standard error. Undefined for what is not installed. */
async function firstLine(command: string, ...args: readonly string[]): Promise<string | undefined> {
  const ran = await run(command, args, { withinMs: 10_000 });
  return ran.kind === "ended" && ran.code === 0 ? (ran.stdout || ran.stderr).split("\n")[0] : undefined;
}

/** By the name of its jar. */
async function kafkaVersion({ variables }: Servers): Promise<string> {
  for await (const { name } of Deno.readDir(`${variables["KAFKA_HOME"]}/jars`)) {
    const version = /^kafka_2\.13-(.+)\.jar$/.exec(name)?.[1];
    if (version !== undefined) return version;
  }
  return "of unknown version";
}

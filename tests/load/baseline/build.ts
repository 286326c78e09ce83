import { existsSync } from "node:fs";
import { createHash } from "node:crypto";
import { join, resolve } from "node:path";
import { run } from "../../../ops/deploy/run.ts";
import type { BaselinePrograms } from "../scenario.ts";

/**
 * Builds the baseline of `folder` outside of it, once for each state of its sources; needs Go, Node, npm, Java and Maven. Undefined
 * when the folder is not there.
 */
export async function buildBaseline(
  folder: string,
  say: (sentence: string) => void,
): Promise<BaselinePrograms | undefined> {
  if (!existsSync(join(folder, "pendaftaran-service"))) return undefined;
  const built = resolve(Deno.env.get("STACK_DIR") || ".stack", "programs/baseline", await digestOf(folder));
  const programs = {
    registration: join(built, "pendaftaran"),
    notification: join(built, "notifikasi"),
    statistics: join(built, "statistik-service/index.js"),
    mongodb: [
      "-Xmx256m",
      "-cp",
      `${join(built, "mongo/lib/*")}:${join(built, "mongo/classes")}`,
      "MongoMain",
    ],
  };
  if (existsSync(join(built, "complete"))) return programs;
  say("Building the baseline, once");
  await Deno.mkdir(built, { recursive: true });
  for (const source of SOURCES) await copy(join(folder, source), join(built, source));
  await succeed("go", ["build", "-o", programs.registration, "."], join(built, "pendaftaran-service"));
  await succeed("go", ["build", "-o", programs.notification, "."], join(built, "notifikasi-service"));
  await succeed("npm", ["install", "--no-audit", "--no-fund"], join(built, "statistik-service"));
  const mongo = join(built, "mongo");
  await succeed("mvn", ["-q", "-B", "dependency:copy-dependencies", "-DoutputDirectory=lib"], mongo);
  await succeed("javac", ["-cp", "lib/*", "-d", "classes", "src/MongoMain.java"], mongo);
  await Deno.writeTextFile(join(built, "complete"), "");
  return programs;
}

async function succeed(command: string, args: readonly string[], cwd: string): Promise<void> {
  const ran = await run(command, args, { cwd, withinMs: BUILD_MS });
  if (ran.kind === "ended" && ran.code === 0) return;
  const reason = ran.kind === "ended" ? ran.stderr.trim() : ran.kind;
  throw new Error(`Build the baseline by "${command}" in "${cwd}" failed: ${reason}`);
}

async function copy(from: string, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const { name, isFile } of Deno.readDir(from)) {
    if (isFile) await Deno.writeFile(join(to, name), await Deno.readFile(join(from, name)));
  }
}

async function digestOf(folder: string): Promise<string> {
  const hash = createHash("sha256");
  for (const source of SOURCES) {
    const names = Array.fromAsync(
      Deno.readDir(join(folder, source)),
      ({ name, isFile }) => isFile ? [name] : [],
    );
    for (const name of (await names).flat().toSorted()) {
      hash.update(`${source}/${name}\0`).update(await Deno.readFile(join(folder, source, name)));
    }
  }
  return hash.digest("hex").slice(0, 16);
}

const SOURCES = [
  "pendaftaran-service",
  "notifikasi-service",
  "statistik-service",
  "mongo",
  "mongo/src",
] as const;
const BUILD_MS = 10 * 60_000;

import { Refused, type World } from "./world.ts";

/** The commit that is checked out, with nothing beside it: what is deployed can be found again. */
export async function cleanCommit(world: CheckWorld): Promise<string> {
  const changed = await git(world, ["status", "--porcelain"]);
  const files = changed.split("\n").filter((line) => line !== "");
  if (files.length > 0) {
    const first = files[0]?.slice(3) ?? "";
    throw new Refused(`Commit or put away ${files.length} changed files first, such as "${first}"`);
  }
  return (await git(world, ["rev-parse", "HEAD"])).trim();
}

/** `deno task ok` passed for this commit. Runs it when `.artifacts/ok` does not say so; answers which it was. */
export async function testsPassed(commit: string, world: CheckWorld): Promise<string> {
  if ((await world.read(RECORD))?.trim() === commit) return "deno task ok has passed for this commit";
  world.say("          deno task ok has not run for this commit yet: it does now");
  let last = "";
  const ran = await world.run("deno", ["task", "ok"], {
    signal: world.stop,
    withinMs: 30 * 60_000,
    onLine: (line) => last = line.trim() === "" ? last : line.trim(),
  });
  if (ran.kind === "missing") throw new Refused("Install Deno 2.9 or later: there is no deno on the PATH");
  if (ran.kind === "late") {
    throw new Refused("Find out with deno task ok why the tests do not end in 30 minutes");
  }
  if (ran.code !== 0) throw new Refused(`Mend what deno task ok reports first; it ended with "${last}"`);
  await world.write(RECORD, `${commit}\n`);
  return `deno task ok passed: ${last}`;
}

async function git(world: CheckWorld, args: readonly string[]): Promise<string> {
  const ran = await world.run("git", args, { signal: world.stop });
  if (ran.kind === "missing") throw new Refused("Install git: there is none on the PATH");
  if (ran.kind === "ended" && ran.code === 0) return ran.stdout;
  throw new Refused("Run deploy in a git checkout: git does not answer here");
}

type CheckWorld = Pick<World, "run" | "read" | "write" | "say" | "stop">;

const RECORD = ".artifacts/ok";

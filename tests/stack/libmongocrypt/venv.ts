import { existsSync } from "node:fs";
import { join, resolve } from "node:path";

/** A Python that has libmongocrypt, made at the first call beside the stack's programs; answers its `python`. */
export async function ensurePython(): Promise<string> {
  const venv = resolve(Deno.env.get("STACK_DIR") || ".stack", "programs/libmongocrypt/venv");
  const python = join(venv, "bin/python");
  // Written last, so that an installation that was interrupted begins again.
  const mark = join(venv, "installed");
  if (existsSync(mark) && await Deno.readTextFile(mark) === PACKAGES.join(" ")) return python;
  await run("python3", ["-m", "venv", "--clear", venv]);
  await run(python, [
    "-m",
    "pip",
    "install",
    "--no-input",
    "--quiet",
    "--disable-pip-version-check",
    ...PACKAGES,
  ]);
  await Deno.writeTextFile(mark, PACKAGES.join(" "));
  return python;
}

const PACKAGES = ["pymongo[encryption]==4.20.0", "pymongocrypt==1.21.2"];

/** Runs a program to its end; rejects with what it wrote to standard error. */
export async function run(command: string, args: readonly string[], cwd = "."): Promise<void> {
  const { success, stderr } = await new Deno.Command(command, {
    args: [...args],
    cwd,
    stdin: "null",
    signal: AbortSignal.timeout(300_000),
  }).output();
  if (!success) {
    throw new Error(`Cannot run "${command} ${args.join(" ")}": ${new TextDecoder().decode(stderr)}`);
  }
}

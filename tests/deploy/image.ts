import { basename, dirname, join } from "node:path";
import { readContainerfile, type Stage } from "./containerfile.ts";

export const STAGES = readContainerfile(
  await Deno.readTextFile(new URL("../../ops/image/Containerfile", import.meta.url)),
);

export function stage(name: string): Stage {
  const found = STAGES.get(name);
  if (!found) throw new Error(`Find the stage "${name}" of the Containerfile failed`);
  return found;
}

/** What a container of the part runs. */
export function commandOf(part: string): readonly string[] {
  return [...stage(part).entrypoint, ...stage(part).cmd];
}

/** The values of a flag such as `--allow-net`. */
export function listOf(command: readonly string[], flag: string): string[] {
  return command.find((word) => word.startsWith(`${flag}=`))?.slice(flag.length + 1).split(",") ?? [];
}

/**
 * Does what an engine does at a build: copies what the stage names out of `context` and runs the stage's commands
 * there. Answers the folder that is the image's root file system.
 */
export async function buildImage(stage: Stage, { context, root }: BuildOptions): Promise<void> {
  const files = await filesOf(context);
  for (const [sources, target] of stage.copies) {
    for (const source of sources) {
      const inside = target.endsWith("/") ? join(target, basename(source)) : target;
      for (const file of files.filter((file) => file === source || file.startsWith(`${source}/`))) {
        const copy = join(root, stage.workdir, inside, file.slice(source.length));
        await Deno.mkdir(dirname(copy), { recursive: true });
        await Deno.copyFile(join(context, file), copy);
      }
    }
  }
  // The paths of the image lie below `root` for as long as nothing is contained.
  const env = Object.fromEntries(
    Object.entries(stage.env).map((
      [name, value],
    ) => [name, value.startsWith("/") ? join(root, value) : value]),
  );
  for (const [, ...args] of stage.runs) {
    await run(Deno.execPath(), args, { cwd: join(root, stage.workdir), env });
  }
}

/** As a clean clone would have them, with the changes that are not committed yet. */
async function filesOf(context: string): Promise<readonly string[]> {
  const listed = await run("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    cwd: context,
  });
  return listed.split("\0").filter((file) => file !== "");
}

async function run(command: string, args: readonly string[], options: Deno.CommandOptions): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(command, { ...options, args: [...args] }).output();
  const decoder = new TextDecoder();
  if (code === 0) return decoder.decode(stdout);
  throw new Error(`Run "${command} ${args.join(" ")}" failed with code ${code}: ${decoder.decode(stderr)}`);
}

export interface BuildOptions {
  /** The repository. */
  readonly context: string;
  /** An empty folder. */
  readonly root: string;
}

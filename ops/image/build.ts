/**
 * Fills DENO_DIR with everything that the images run, so that nothing is downloaded later. Runs in a copy of the
 * repository, in a container or not. Packages are taken as deno.lock has them, integrity included, or not at all. Builds
 * the portal's page as well.
 */
async function build(): Promise<void> {
  if (!Deno.env.get("DENO_DIR")) throw new Error("Set DENO_DIR: the image takes its modules from there");
  await deno("install", "--frozen");
  await deno("install", "--frozen", "--entrypoint", ...await entrypoints());
  await deno("task", "--quiet", "portal:build");
}

async function entrypoints(): Promise<readonly string[]> {
  const modules = ["edge/main.ts", "ops/image/health.ts", "ops/tasks/migrate.ts", "ops/tasks/statistics.ts"];
  for await (const { name, isDirectory } of Deno.readDir("workers")) {
    if (isDirectory) modules.push(`workers/${name}/main.ts`);
  }
  return modules;
}

async function deno(...args: readonly string[]): Promise<void> {
  const { code } = await new Deno.Command("deno", { args: [...args], stdin: "null" }).output();
  if (code !== 0) throw new Error(`Run "deno ${args.join(" ")}" failed with code ${code}`);
}

if (import.meta.main) await build();

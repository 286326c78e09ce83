import { createHash } from "node:crypto";
import { extname, join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants } from "node:zlib";

/**
 * Builds the page of `edge/portal` into `folder`: one script, one style sheet and the icon, named after their content
 * and compressed beside it, and the page that names them. `deno bundle` is esbuild, pinned with Deno itself.
 */
export async function buildPortal(folder: string): Promise<void> {
  await using scratch = await temporaryFolder();
  await bundle(scratch.path);
  const assets = [
    { name: "portal.js", body: await Deno.readFile(join(scratch.path, "main.js")) },
    { name: "portal.css", body: await styles() },
    { name: "icon.svg", body: await Deno.readFile(join(SOURCE, "icon.svg")) },
  ];
  let page = await Deno.readTextFile(join(SOURCE, "index.html"));
  await Deno.mkdir(join(scratch.path, "built/assets"), { recursive: true });
  for (const { name, body } of assets) {
    const hashed = hashedName(name, body);
    page = page.replaceAll(`{{${name}}}`, `/assets/${hashed}`);
    const file = join(scratch.path, "built/assets", hashed);
    await Deno.writeFile(file, body);
    await Deno.writeFile(`${file}.br`, await compress(body));
  }
  await Deno.writeTextFile(join(scratch.path, "built/index.html"), page);
  await replace(folder, join(scratch.path, "built"));
}

/** Builds it when it is absent or older than its sources. Several processes may ask at once: one builds. */
export async function ensurePortal(folder: string): Promise<void> {
  await Deno.mkdir(join(folder, ".."), { recursive: true });
  using lock = await Deno.open(`${folder}.lock`, { create: true, write: true });
  await lock.lock(true);
  if (await newestChange(SOURCES) > await changedAt(join(folder, "index.html"))) await buildPortal(folder);
}

const ROOT = join(import.meta.dirname ?? "", "../..");
const SOURCE = join(ROOT, "edge/portal");
/** Whatever else the page is made of changes with these. */
const SOURCES = [
  SOURCE,
  join(ROOT, "shared/penduduk"),
  join(ROOT, "shared/ports/trend.ts"),
  join(ROOT, "deno.lock"),
  import.meta.filename ?? "",
];

async function bundle(folder: string): Promise<void> {
  const { code, stderr } = await new Deno.Command("deno", {
    args: [
      ...["bundle", "--quiet", "--minify", "--platform", "browser"],
      ...["--outdir", folder, join(SOURCE, "main.tsx")],
    ],
    cwd: ROOT,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  if (code !== 0) throw new Error(`Bundle the portal failed: ${new TextDecoder().decode(stderr).trim()}`);
}

/** In the order of their names: the later ones override. */
async function styles(): Promise<Uint8Array<ArrayBuffer>> {
  const folder = join(SOURCE, "styles");
  const names = Array.from(Deno.readDirSync(folder), ({ name }) => name).sort();
  const texts = await Promise.all(names.map((name) => Deno.readTextFile(join(folder, name))));
  return new TextEncoder().encode(texts.join(""));
}

function hashedName(name: string, body: Uint8Array): string {
  const hash = createHash("sha256").update(body).digest("hex").slice(0, 10);
  return `${name.slice(0, -extname(name).length)}-${hash}${extname(name)}`;
}

async function compress(body: Uint8Array): Promise<Uint8Array> {
  return await promisify(brotliCompress)(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } });
}

/** Copied and not renamed: the temporary folder may be on another file system. */
async function replace(folder: string, built: string): Promise<void> {
  await removed(folder);
  await Deno.mkdir(join(folder, "assets"), { recursive: true });
  for (const { name } of Deno.readDirSync(join(built, "assets"))) {
    await Deno.copyFile(join(built, "assets", name), join(folder, "assets", name));
  }
  // At last: by it `ensurePortal` knows that all is there.
  await Deno.copyFile(join(built, "index.html"), join(folder, "index.html"));
}

async function removed(folder: string): Promise<void> {
  try {
    await Deno.remove(folder, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

async function newestChange(paths: readonly string[]): Promise<number> {
  const times = await Promise.all(paths.map(async (path) => {
    const { isDirectory, mtime } = await Deno.stat(path);
    if (!isDirectory) return mtime?.getTime() ?? 0;
    return await newestChange(Array.from(Deno.readDirSync(path), ({ name }) => join(path, name)));
  }));
  return Math.max(0, ...times);
}

async function changedAt(path: string): Promise<number> {
  try {
    return (await Deno.stat(path)).mtime?.getTime() ?? 0;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return 0;
    throw error;
  }
}

async function temporaryFolder() {
  const path = await Deno.makeTempDir();
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

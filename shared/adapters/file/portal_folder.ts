import { extname, join } from "node:path";
import type { PortalAsset, PortalAssets } from "../../ports/portal_assets.ts";

/** Where `deno task portal:build` puts the page, and whence the edge serves it; below the working directory. */
export const PORTAL_FOLDER = ".artifacts/portal";

/** Reads the built page; undefined when it was not built. Rejects when a file is of an unknown kind. */
export async function readPortalFolder(folder: string): Promise<PortalAssets | undefined> {
  try {
    const names = await fileNames(folder);
    const assets = names.filter((name) => !name.endsWith(BROTLI)).map(async (name) => {
      const brotli = names.includes(name + BROTLI) && await Deno.readFile(join(folder, name + BROTLI));
      const body = await Deno.readFile(join(folder, name));
      const asset: PortalAsset = { type: typeOf(name), body, ...(brotli && { brotli }) };
      return [`/${name}`, asset] as const;
    });
    return new Map(await Promise.all(assets));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

const BROTLI = ".br";

async function fileNames(folder: string, below = ""): Promise<readonly string[]> {
  const names: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(join(folder, below))) {
    if (isDirectory) names.push(...await fileNames(folder, `${below}${name}/`));
    else names.push(below + name);
  }
  return names;
}

function typeOf(name: string): string {
  const type = TYPES[extname(name)];
  if (type === undefined) throw new Error(`Serve "${name}" failed: its kind is not known`);
  return type;
}

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

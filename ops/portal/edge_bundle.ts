import { Buffer } from "node:buffer";
import { join } from "node:path";
import { readPortalFolder } from "../../shared/adapters/file/portal_folder.ts";
import type { PortalModule } from "../../shared/ports/portal_assets.ts";
import { buildPortal } from "./build.ts";

/**
 * Makes a folder that is the edge with its page, for any runtime with Web standards and modules: `edge.js`, all of the
 * edge in one module; `portal.js`, the built page as a value, since such a runtime may have no files; and `main.js`, the
 * entry, whose default export is `{ fetch }`.
 */
export async function buildEdge(folder: string): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  await bundle(join(folder, "edge.js"));
  await Deno.writeTextFile(join(folder, "portal.js"), await portalModule());
  await Deno.writeTextFile(join(folder, "main.js"), MAIN);
}

const ROOT = join(import.meta.dirname ?? "", "../..");
const MAIN = `import { openDeployment, readVariables } from "./edge.js";
import page from "./portal.js";

export default await openDeployment(readVariables(), page);
`;

async function bundle(file: string): Promise<void> {
  const { success, stderr } = await new Deno.Command("deno", {
    args: ["bundle", "--quiet", "--minify", "--platform", "browser", "--output", file, "edge/bundled.ts"],
    cwd: ROOT,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  if (!success) throw new Error(`Bundle the edge failed: ${new TextDecoder().decode(stderr).trim()}`);
}

async function portalModule(): Promise<string> {
  const folder = await Deno.makeTempDir();
  try {
    await buildPortal(folder);
    const assets = await readPortalFolder(folder) ?? new Map();
    const module: PortalModule = Object.fromEntries(
      Array.from(assets, ([path, { type, body, brotli }]) => [
        path,
        { type, body: base64(body), ...(brotli && { brotli: base64(brotli) }) },
      ]),
    );
    return `export default ${JSON.stringify(module)};\n`;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}

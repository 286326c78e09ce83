import { resolve } from "node:path";
import { buildEdge } from "../portal/edge_bundle.ts";

/** `deno task edge:bundle [FOLDER]`: the edge and its page in a folder, for Deno Deploy and any such runtime. */
async function main([folder = ".artifacts/edge"]: readonly string[]): Promise<void> {
  await buildEdge(resolve(folder));
  for (const name of ["main.js", "edge.js", "portal.js"]) {
    const { size } = await Deno.stat(`${folder}/${name}`);
    Deno.stdout.writeSync(new TextEncoder().encode(`${folder}/${name}  ${size} bytes\n`));
  }
}

if (import.meta.main) await main(Deno.args);

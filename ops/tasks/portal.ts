import { PORTAL_FOLDER } from "../../shared/adapters/file/portal_folder.ts";
import { buildPortal } from "../portal/build.ts";

/** `deno task portal:build`: makes the page that the edge serves at `/`. */
async function main(): Promise<void> {
  await buildPortal(PORTAL_FOLDER);
  for (const { name } of Deno.readDirSync(`${PORTAL_FOLDER}/assets`)) {
    const { size } = await Deno.stat(`${PORTAL_FOLDER}/assets/${name}`);
    Deno.stdout.writeSync(new TextEncoder().encode(`${PORTAL_FOLDER}/assets/${name}  ${size} bytes\n`));
  }
}

if (import.meta.main) await main();

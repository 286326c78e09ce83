import { join } from "node:path";
import type { Place } from "../server.ts";

/** Downloads Debian's packages and unpacks them into the place's programs, without installing them; any user may. */
export async function unpackDebian(
  { programs, run }: Pick<Place, "programs" | "run">,
  packages: readonly string[],
): Promise<void> {
  await run("apt-get", ["-qq", "download", ...packages], { cwd: programs });
  for await (const { name } of Deno.readDir(programs)) {
    if (!name.endsWith(".deb")) continue;
    await run("dpkg-deb", ["-x", join(programs, name), programs]);
    await Deno.remove(join(programs, name));
  }
}

import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { join } from "node:path";
import { readPortalFolder } from "./portal_folder.ts";

describe("readPortalFolder", () => {
  it("reads what was built, each with what was compressed beside it", async () => {
    const folder = await Deno.makeTempDir();
    await Deno.mkdir(join(folder, "assets"));
    for (const name of ["index.html", "assets/a.js", "assets/a.js.br"]) {
      await Deno.writeTextFile(join(folder, name), name);
    }
    const assets = await readPortalFolder(folder);
    assert.deepEqual([...assets?.keys() ?? []].sort(), ["/assets/a.js", "/index.html"]);
    const { type, brotli } = assets?.get("/assets/a.js") ?? assert.fail();
    assert.deepEqual([type, new TextDecoder().decode(brotli)], [
      "text/javascript; charset=utf-8",
      "assets/a.js.br",
    ]);
    assert.equal(assets?.get("/index.html")?.brotli, undefined);
    await Deno.remove(folder, { recursive: true });
    assert.equal(await readPortalFolder(folder), undefined);
  });
});

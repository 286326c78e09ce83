import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { findingText } from "./finding_text.ts";

describe("what a verification found, in words", () => {
  it("is known for everything that the verifier of a part can say", async () => {
    const sources = await Promise.all(
      ["shared/security/audit/verify.ts", "workers/registration/verify_part.ts"].map((path) =>
        Deno.readTextFile(new URL(`../../../${path}`, import.meta.url))
      ),
    );
    const [verifier = "", part = ""] = sources;
    const said = [verifier.slice(0, verifier.indexOf("export function compareCopies")), part]
      .flatMap((source) => [...source.matchAll(/(?:what: |find\()"([^"]+)"/g)].map(([, what = ""]) => what))
      // Only where ends that an anchor file holds are given.
      .filter((what) => what !== "another line than when it was last verified");
    assert.ok(said.length >= 5, said.join());
    for (const what of said) assert.notEqual(findingText(what), what);
    assert.match(findingText("12 lines removed before it"), /^12 /);
  });
});

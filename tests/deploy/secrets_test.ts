import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { parseManifest } from "../../ops/deploy/manifest.ts";
import { requiredSecrets } from "../../ops/deploy/secrets.ts";

describe("The secrets that deploy asks for", () => {
  it("are those that the head of deploy.yml lists for people", async () => {
    const manifest = await Deno.readTextFile("deploy.yml");
    const listed = manifest.matchAll(/^# {3}([a-z]+\/[a-z-]+) +[A-Za-z_.]+/gm).map(([, name]) => name);
    const asked = [...requiredSecrets(parseManifest(manifest).objects)].flatMap(([namespace, names]) => {
      return [...names].map((name) => `${namespace}/${name}`);
    });
    assert.deepEqual(asked.toSorted(), [...new Set(listed)].toSorted());
  });
});

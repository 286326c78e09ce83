import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import * as CycloneDX from "@cyclonedx/cyclonedx-library";
import "ajv"; // what the validator is made of
import "ajv-formats";
import "ajv-formats-draft2019";
import { licenceInCache, parseLock, toBom } from "./sbom.ts";

const INTEGRITY = `sha512-${btoa("0".repeat(64))}`;
const NOW = new Date("2026-11-22T00:00:00Z");

describe("the bill of materials", () => {
  it("of this repository is valid CycloneDX and holds every package of deno.lock", async () => {
    const lock = parseLock(await Deno.readTextFile("deno.lock"));
    const bom = await toBom(lock, { licence: () => Promise.resolve("MIT"), now: NOW });
    await assertValid(bom);
    const listed = bom.components.flatMap((component) => "purl" in component ? [component.purl] : []);
    assert.equal(listed.length, Object.keys(lock.npm).length);
    assert.equal(new Set(listed).size, listed.length);
    assert.ok(listed.some((purl) => purl.startsWith("pkg:npm/hono@4.")));
    assert.ok(listed.some((purl) => purl.startsWith("pkg:npm/%40upstash/redis@1.")));
  });

  it("leads from the system to every package", async () => {
    const lock = parseLock(await Deno.readTextFile("deno.lock"));
    const { components, dependencies, metadata } = await toBom(lock, { licence: none, now: NOW });
    const needs = new Map(dependencies.map(({ ref, dependsOn }) => [ref, dependsOn]));
    const reached = new Set<string>();
    const follow = (ref: string) => {
      if (reached.has(ref)) return;
      reached.add(ref);
      for (const needed of needs.get(ref) ?? []) follow(needed);
    };
    follow(metadata.component["bom-ref"]);
    assert.deepEqual(
      components.map((component) => component["bom-ref"]).filter((ref) => !reached.has(ref)),
      [],
    );
  });

  it("tells versions apart, leaves the peers out of them, and gives the hash as CycloneDX writes it", async () => {
    const bom = await toBom(
      lockOf({ "a@1.0.0_b@2.0.0": ["b@2.0.0"], "b@1.0.0": [], "b@2.0.0": ["b@1.0.0"] }),
      {
        licence: none,
        now: NOW,
      },
    );
    await assertValid(bom);
    const refs = ["pkg:npm/a@1.0.0", "pkg:npm/b@1.0.0", "pkg:npm/b@2.0.0"];
    assert.deepEqual(bom.components.slice(1).map((component) => component["bom-ref"]), refs);
    const needs = Object.fromEntries(bom.dependencies.map(({ ref, dependsOn }) => [ref, dependsOn]));
    assert.deepEqual(needs["pkg:npm/a@1.0.0"], ["pkg:npm/b@2.0.0"]);
    assert.deepEqual(needs["pkg:npm/b@2.0.0"], ["pkg:npm/b@1.0.0"]);
    const [, a] = bom.components;
    assert.deepEqual(a && "hashes" in a && a.hashes, [{ alg: "SHA-512", content: "30".repeat(64) }]);
  });

  it("writes a licence as an identifier, an expression or a name, and none where none is known", async () => {
    for (
      const [text, expected] of [
        ["ISC", [{ license: { id: "ISC" } }]],
        ["(MIT OR Apache-2.0)", [{ expression: "(MIT OR Apache-2.0)" }]],
        ["SEE LICENSE IN FILE", [{ license: { name: "SEE LICENSE IN FILE" } }]],
        [undefined, undefined],
      ] as const
    ) {
      const bom = await toBom(lockOf({ "a@1.0.0": [] }), { licence: () => Promise.resolve(text), now: NOW });
      await assertValid(bom);
      assert.deepEqual(bom.components[1]?.licenses, expected);
    }
  });

  it("refuses a lock file of which it would leave something out", () => {
    for (const more of [{ jsr: {} }, { remote: {} }, { version: "6" }]) {
      assert.throws(() => parseLock(JSON.stringify({ version: "5", specifiers: {}, npm: {}, ...more })));
    }
    const url = { "a@1.0.0": { tarball: "https://example.invalid/a.tgz" } };
    assert.throws(() => parseLock(JSON.stringify({ version: "5", specifiers: {}, npm: url })));
  });
});

describe("the licences of our packages", () => {
  it("are known, and let everybody use and pass on what we make of them", async () => {
    const lock = parseLock(await Deno.readTextFile("deno.lock"));
    const { components } = await toBom(lock, { licence: licenceInCache, now: NOW });
    const licensed = components.map((component) => {
      const [licence] = "licenses" in component ? component.licenses : [];
      const id = licence && "license" in licence && "id" in licence.license ? licence.license.id : undefined;
      return { of: component["bom-ref"], id };
    });
    assert.deepEqual(licensed.filter(({ id }) => id === undefined || !ALLOWED.has(id)), []);
  });
});

/** None that obliges us to more than naming it; another one is a decision to be made here. */
const ALLOWED = new Set([
  ...["MIT", "ISC", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "0BSD", "BlueOak-1.0.0", "CC0-1.0"],
  // axe-core, unchanged: it runs in the browser of the tests and is in nothing that is passed on.
  "MPL-2.0",
]);

describe("the validator", () => {
  it("does not take everything", async () => {
    const bom = await toBom(lockOf({ "a@1.0.0": [] }), {
      licence: () => Promise.resolve("No-Such-1.0"),
      now: NOW,
    });
    await assert.rejects(assertValid(bom));
  });
});

const validator = new CycloneDX.Validation.JsonStrictValidator(CycloneDX.Spec.Version.v1dot6);

const none = () => Promise.resolve(undefined);

function lockOf(packages: Readonly<Record<string, readonly string[]>>) {
  const npm = Object.entries(packages).map((
    [key, dependencies],
  ) => [key, { integrity: INTEGRITY, dependencies }]);
  const [first = ""] = Object.keys(packages);
  const specifiers = { "npm:a@1": first.slice(2) };
  return parseLock(JSON.stringify({ version: "5", specifiers, npm: Object.fromEntries(npm) }));
}

async function assertValid(bom: unknown): Promise<void> {
  const faults = await validator.validate(JSON.stringify(bom));
  if (faults !== null) throw new Error(`Bill is not valid: ${JSON.stringify(faults).slice(0, 1_000)}`);
}

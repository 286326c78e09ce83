import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { join } from "node:path";
import { findInFiles, writings } from "./raw_search.ts";

/** Without this, a search that finds nothing would prove nothing. */
describe("The search in raw files", () => {
  const text = "Péncari D'Rekaan 22";

  it("finds a text in each writing, at any place of a file below the folder", async () => {
    const folder = await Deno.makeTempDir();
    await Deno.mkdir(join(folder, "a/b"), { recursive: true });
    for (const [name, make] of Object.entries(WRITERS)) {
      for (const before of [0, 1, 2, 3, 5]) {
        const file = join(folder, "a/b", `${name}-${before}`);
        const noise = crypto.getRandomValues(new Uint8Array(before));
        await Deno.writeFile(file, make(Buffer.concat([noise, Buffer.from(text), Buffer.from("xyz")]), text));
      }
    }
    const found = new Set(findInFiles(folder, { text }).map(({ file }) => file));
    assert.equal(found.size, Object.keys(WRITERS).length * 5);
    assert.deepEqual(findInFiles(folder, { nobody: "Nobody at all" }), []);
    await Deno.remove(folder, { recursive: true });
  });

  it("finds it across the seams in which it reads, and after nothing but zeros", async () => {
    const folder = await Deno.makeTempDir();
    for (const before of [0, 1 << 20, (1 << 20) - 5, (3 << 20) - 1]) {
      const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(text), Buffer.alloc(4 << 20)]);
      await Deno.writeFile(join(folder, "store"), bytes);
      const finds = findInFiles(folder, { text });
      assert.ok(finds.some(({ writing }) => writing === "UTF-8"), `at ${before}`);
    }
    await Deno.remove(folder, { recursive: true });
  });

  it("knows every writing that it says it knows", () => {
    assert.deepEqual(
      Object.keys(writings(text)).sort(),
      [...new Set(Object.keys(WRITERS).map((name) => name.split(" ")[0]))].sort(),
    );
  });
});

type Write = (utf8: Buffer, text: string) => Uint8Array;

const WRITERS: Readonly<Record<string, Write>> = {
  "UTF-8": (bytes) => bytes,
  "UTF-16 little": (_, text) => Buffer.from(`x${text}y`, "utf16le"),
  "UTF-16 big": (_, text) => Buffer.from(`x${text}y`, "utf16le").swap16(),
  "hexadecimal lower": (bytes) => Buffer.from(bytes.toString("hex")),
  "hexadecimal upper": (bytes) => Buffer.from(bytes.toString("hex").toUpperCase()),
  "base64": (bytes) => Buffer.from(bytes.toString("base64")),
  "base64 url": (bytes) => Buffer.from(bytes.toString("base64url")),
  "percent": (_, text) => Buffer.from(`/x?nama=${encodeURIComponent(text)}`),
  "percent form": (_, text) => Buffer.from(new URLSearchParams({ nama: text }).toString()),
  "JSON": (_, text) => Buffer.from(JSON.stringify({ nama: text })),
};

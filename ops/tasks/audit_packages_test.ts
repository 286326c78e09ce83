import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { join, resolve } from "node:path";
import exceptions from "../security-exceptions.json" with { type: "json" };
import { judge, parseExceptions } from "./audit_packages.ts";

const GHSA = "GHSA-aaaa-bbbb-cccc";
const EXCEPTION = {
  id: GHSA,
  package: "hono",
  reason: "We call none of the functions that the advisory speaks of",
  expires: "2027-01-31",
};

describe("the audit of the packages", () => {
  let folder = "";
  let registry: Deno.HttpServer<Deno.NetAddr>;
  let answer: () => Response;
  before(async () => {
    folder = await Deno.makeTempDir();
    registry = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, () => answer());
    await Deno.writeTextFile(join(folder, ".npmrc"), `registry=http://127.0.0.1:${registry.addr.port}/\n`);
    await Deno.mkdir(join(folder, "edge/portal"), { recursive: true });
    for (const file of ["deno.json", "deno.lock", "edge/portal/deno.json"]) {
      await Deno.copyFile(file, join(folder, file));
    }
  });
  after(async () => {
    await registry.shutdown();
    await Deno.remove(folder, { recursive: true });
  });

  it("passes when the registry knows of nothing", async () => {
    answer = () => Response.json({});
    assert.deepEqual(await judged(), {
      code: 0,
      lines: ["0 known weaknesses, 0 explained in ops/security-exceptions.json"],
    });
  });

  it("fails on a weakness that nobody has explained, and names it", async () => {
    answer = () => Response.json(WEAKNESS);
    assert.deepEqual(await judged(), {
      code: 1,
      lines: [
        `high hono: Lets strangers in (${GHSA})`,
        "1 known weaknesses, 0 explained in ops/security-exceptions.json",
      ],
    });
  });

  it("passes on one that is explained, until the day on which somebody is to look again", async () => {
    answer = () => Response.json(WEAKNESS);
    assert.equal((await judged([EXCEPTION], "2027-01-30")).code, 0);
    assert.equal((await judged([EXCEPTION], "2027-01-31")).code, 1);
    assert.equal((await judged([{ ...EXCEPTION, id: "GHSA-dddd-eeee-ffff" }])).code, 1);
  });

  it("says that nothing was checked where the registry has no advisories", async () => {
    answer = () => new Response("", { status: 405 });
    const { code, lines: [line = ""] } = await judged();
    assert.equal(code, 0);
    assert.match(line, /^NOT CHECKED: the registry has no advisories/);
  });

  it("does not pass when Deno itself fails", () => {
    const output = { code: 1, stdout: "", stderr: "error: lock file" };
    assert.equal(judge(output, { exceptions: [], now: new Date() }).code, 1);
  });

  async function judged(known: unknown = [], today = "2026-11-22") {
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["audit", "--ignore-registry-errors"],
      cwd: folder,
      env: { NO_COLOR: "1" },
    }).output();
    const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
    const output = { code, stdout: out ?? "", stderr: err ?? "" };
    return judge(output, { exceptions: parseExceptions(known), now: new Date(today) });
  }
});

describe("the exceptions", () => {
  it("are of packages that we have, explained, and to be looked at again within half a year", async () => {
    const lock = await Deno.readTextFile(resolve("deno.lock"));
    for (const { package: name, expires } of parseExceptions(exceptions)) {
      assert.ok(lock.includes(`"${name}@`), name);
      const days = (new Date(expires).getTime() - Date.now()) / 86_400_000;
      assert.ok(days > 0 && days < 183, `${name}: ${expires}`);
    }
  });

  it("are refused without a reason, a day or the advisory's id", () => {
    assert.equal(parseExceptions([EXCEPTION]).length, 1);
    for (
      const change of [{ reason: "ok" }, { expires: "never" }, { id: "CVE-1" }, { package: "" }, { more: 1 }]
    ) {
      assert.throws(() => parseExceptions([{ ...EXCEPTION, ...change }]));
    }
  });
});

/** As npm's registry answers: `POST /-/npm/v1/security/advisories/bulk`. */
const WEAKNESS = {
  hono: [{
    id: 1,
    url: `https://github.com/advisories/${GHSA}`,
    title: "Lets strangers in",
    severity: "high",
    vulnerable_versions: "<99.0.0",
    cwe: [],
    cvss: { score: 7, vectorString: null },
  }],
};

import assert from "node:assert/strict";
import { beforeEach, describe, it } from "@std/testing/bdd";
import { COMMIT, publication, PUBLISH, Rehearsal, revisions } from "./rehearsal.ts";

describe("deploy to the edge", () => {
  let rehearsal: Rehearsal;
  beforeEach(() => {
    rehearsal = new Rehearsal();
    rehearsal.typed = "negara/layanan";
  });

  it("publishes the commit from a clean folder by the documented command line, tries it and tags the revision", async () => {
    assert.equal(await rehearsal.deploy({ target: "edge" }), 0, rehearsal.text);
    assert.deepEqual(rehearsal.commands, [
      "git status --porcelain",
      "git rev-parse HEAD",
      "deno deploy whoami --json --non-interactive",
      "deno deploy deployments list --json --non-interactive --org negara --app layanan",
      `git archive --format=tar --output=/tmp/edge/edge.tar ${COMMIT} -- deno.json deno.lock edge shared ops/portal ops/tasks/edge_bundle.ts`,
      "tar -xf /tmp/edge/edge.tar -C /tmp/edge",
      "rm /tmp/edge/edge.tar",
      PUBLISH,
      `git tag --force deployed/edge/rev_new ${COMMIT}`,
    ]);
    assert.ok(rehearsal.asked.every(({ url }) => url.startsWith("https://layanan.deno.example/")));
  });

  for (
    const [when, arrange, sentence] of [
      [
        "deno is missing",
        (r) => r.play("deno deploy whoami", "missing"),
        "Install Deno 2.9 or later: there is no deno on the PATH",
      ],
      [
        "nobody is signed in",
        (r) =>
          r.play("deno deploy whoami", {
            code: 3,
            stderr: `{"error":{"code":"AUTH_INVALID_TOKEN","message":"The token is invalid or expired."}}`,
          }),
        "Sign in to Deno Deploy (set DENO_DEPLOY_TOKEN): deno deploy ended with code 3, The token is invalid or expired.",
      ],
      [
        "deno deploy itself cannot be fetched",
        (r) => {
          const stderr =
            "\x1b[31merror\x1b[0m: Module not found.\n    at here\n\nStack backtrace:\n   0: <unknown>\n";
          r.play("deno deploy whoami", { code: 1, stderr });
        },
        "Sign in to Deno Deploy (set DENO_DEPLOY_TOKEN): deno deploy ended with code 1, Module not found.",
      ],
      [
        "deno.json names no application",
        (r) => r.files.set("deno.json", "{}"),
        'Name the application in deno.json: "deploy": { "org": "…", "app": "…" }',
      ],
      [
        "the answer is not as documented",
        (r) => r.play("deno deploy deployments list", { stdout: "REVISION  STATUS\n" }),
        "List the revisions: deno deploy answered something that is not its documented JSON",
      ],
    ] as readonly (readonly [string, (r: Rehearsal) => void, string])[]
  ) {
    it(`refuses when ${when}`, async () => {
      arrange(rehearsal);
      assert.equal(await rehearsal.deploy({ target: "edge" }), 1);
      assert.equal(rehearsal.said.at(-1), `\n${sentence}`);
      assert.deepEqual(rehearsal.changes, []);
    });
  }

  const failSmoke = () =>
    rehearsal.answer(({ what }) =>
      what === "GET /protected" ? new Response(null, { status: 502 }) : undefined
    );
  const serving = (...ids: readonly string[]) => {
    let asked = 0;
    rehearsal.play(
      "deno deploy deployments list",
      () => ({ stdout: revisions(...ids.slice(0, ++asked).toReversed()) }),
    );
  };

  it("publishes again what the revision before was built of when the smoke test fails", async () => {
    failSmoke();
    serving("rev_old", "rev_new");
    rehearsal.play(
      "deno deploy --json",
      () => ({ stdout: publication(rehearsal.changes.length === 1 ? "rev_new" : "rev_again") }),
    );
    assert.equal(await rehearsal.deploy({ target: "edge" }), 1);
    assert.deepEqual(rehearsal.commands.slice(-6), [
      "git rev-parse --verify --quiet refs/tags/deployed/edge/rev_old^{commit}",
      "git archive --format=tar --output=/tmp/edge/edge.tar fedcba9876543210fedcba9876543210fedcba98 -- deno.json deno.lock edge shared ops/portal ops/tasks/edge_bundle.ts",
      "tar -xf /tmp/edge/edge.tar -C /tmp/edge",
      "rm /tmp/edge/edge.tar",
      PUBLISH,
      "git tag --force deployed/edge/rev_again fedcba9876543210fedcba9876543210fedcba98",
    ]);
    assert.match(rehearsal.text, /back +what revision rev_old was built of serves again/);
  });

  it("says which revision to lock when nobody knows what it was built of", async () => {
    failSmoke();
    serving("rev_old", "rev_new");
    rehearsal.play("git rev-parse --verify", { code: 1 });
    assert.equal(await rehearsal.deploy({ target: "edge" }), 1);
    assert.match(
      rehearsal.text,
      /LEFT .*: Find no tag "deployed\/edge\/rev_old"[^\n]*\n +Lock revision rev_old on the timelines page/,
    );
  });

  it("changes nothing more when the build fails: the revision before has served all the time", async () => {
    rehearsal.play("deno deploy --json", { code: 1, stderr: "✗ The revision failed.\n" });
    assert.equal(await rehearsal.deploy({ target: "edge" }), 1);
    assert.equal(rehearsal.changes.length, 1);
    assert.match(rehearsal.text, /Publish the edge: deno deploy ended with code 1, ✗ The revision failed\./);
    assert.match(rehearsal.text, /back +revision rev_old has served all the time/);
  });
});

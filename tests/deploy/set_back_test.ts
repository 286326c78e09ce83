import assert from "node:assert/strict";
import { beforeEach, describe, it } from "@std/testing/bdd";
import { APPLY, KUBECTL, MANIFEST, Rehearsal, released, TAG } from "./rehearsal.ts";

describe("deploy sets the fleet back", () => {
  let rehearsal: Rehearsal;
  beforeEach(() => {
    rehearsal = new Rehearsal();
    rehearsal.play(`${KUBECTL} --request-timeout=30s get configmap`, released());
  });

  /** All that was applied, without the servers that go first. */
  const applied = () =>
    rehearsal.given.filter(([command, stdin]) => command === APPLY && stdin.includes("auth:"));
  const isSetBack = () => {
    assert.match(applied().at(-1)?.[1] ?? "", /registry\.example\/auth:v1\n/);
    assert.match(rehearsal.text, /back +release v1 runs again/);
    assert.ok(
      !rehearsal.given.some(([, stdin]) => stdin.includes("kependudukan-release")),
      "nothing is kept",
    );
  };

  it("when apply fails", async () => {
    let tries = 0;
    rehearsal.play(APPLY, () => ++tries === 2 ? { code: 1, stderr: "error: quota exceeded\n" } : {});
    assert.equal(await rehearsal.deploy(), 1);
    assert.match(rehearsal.text, /\nApply deploy\.yml failed: error: quota exceeded\n/);
    isSetBack();
  });

  it("when a server does not become ready", async () => {
    let tries = 0;
    rehearsal.play(`${KUBECTL} wait`, () => ++tries === 1 ? { code: 1, stderr: "error: timed out\n" } : {});
    assert.equal(await rehearsal.deploy(), 1);
    assert.match(
      rehearsal.text,
      /Wait for Cluster services\/postgres \(look with: .*\) failed: error: timed out/,
    );
    assert.match(rehearsal.given.at(-1)?.[1] ?? "", /auth:v1/);
  });

  it("when a roll-out does not end in time, and says where to look", async () => {
    let tries = 0;
    rehearsal.play(`${KUBECTL} rollout`, () => ++tries === 1 ? "late" : { stdout: "rolled out\n" });
    assert.equal(await rehearsal.deploy(), 1);
    assert.match(
      rehearsal.text,
      /kubectl --context production --namespace services describe deployment\.apps\/auth\) did not end in time/,
    );
    isSetBack();
    assert.match(rehearsal.commands.at(-1) ?? "", /rollout status deployment\.apps\/auth/);
  });

  it("when the smoke test fails for a minute, and names the request", async () => {
    rehearsal.answer(({ what }) =>
      what === "GET /stats" ? Response.json({ code: "STORE_UNREADABLE" }, { status: 503 }) : undefined
    );
    assert.equal(await rehearsal.deploy(), 1);
    assert.match(
      rehearsal.text,
      /Smoke test "edge refuses strangers" failed: GET https:\/\/layanan\.example\/stats answered STORE_UNREADABLE/,
    );
    isSetBack();
  });

  it("when Ctrl-C stops the wait, with exit code 130", async () => {
    let tries = 0;
    rehearsal.play(`${KUBECTL} rollout`, () => {
      if (++tries === 1) rehearsal.stop.abort();
      return {};
    });
    assert.equal(await rehearsal.deploy(), 130);
    assert.match(rehearsal.text, /\nStopped by Ctrl-C\n/);
    isSetBack();
  });

  it("but leaves it, and says so, when Ctrl-C comes again", async () => {
    rehearsal.play(`${KUBECTL} rollout`, () => {
      (rehearsal.stop.signal.aborted ? rehearsal.abandon : rehearsal.stop).abort();
      return {};
    });
    assert.equal(await rehearsal.deploy(), 130);
    assert.match(
      rehearsal.text,
      /LEFT +the fleet of context "production" is as the failed release left it: stopped\n +Look with: kubectl/,
    );
  });

  it("when one of several roll-outs fails, without waiting for the others", async () => {
    const deployment = /^apiVersion: apps[^]*?^---\n/m.exec(MANIFEST)?.[0].replaceAll("auth\n", "lain\n");
    rehearsal.files.set("deploy.yml", `${deployment}${MANIFEST}`);
    let tries = 0;
    rehearsal.play(`${KUBECTL} rollout status deployment.apps/lain`, "hangs");
    rehearsal.play(`${KUBECTL} rollout status deployment.apps/auth`, () => ++tries === 1 ? "late" : {});
    assert.equal(await rehearsal.deploy(), 1);
    assert.match(rehearsal.text, /\nWait for Deployment services\/auth [^\n]* did not end in time\n/);
    isSetBack();
  });

  it("but says what to do when that fails too", async () => {
    rehearsal.play(APPLY, { code: 1, stderr: "error: away\n" });
    assert.equal(await rehearsal.deploy(), 1);
    assert.match(
      rehearsal.text,
      /LEFT .*: Apply deploy\.yml failed: error: away\n +Look with: kubectl --context production/,
    );
  });

  it("but says that it cannot after the first release", async () => {
    rehearsal.play(`${KUBECTL} --request-timeout=30s get configmap`, {});
    rehearsal.play(`${KUBECTL} rollout`, {
      code: 1,
      stderr: "error: deployment exceeded its progress deadline\n",
    });
    assert.equal(await rehearsal.deploy(), 1);
    assert.match(rehearsal.text, /LEFT .*: no release was kept before it\n/);
  });

  it("and names what is new and stays", async () => {
    rehearsal.files.set(
      "deploy.yml",
      `${MANIFEST}---\napiVersion: v1\nkind: Service\nmetadata: { name: baru, namespace: services }\n`,
    );
    let tries = 0;
    rehearsal.play(`${KUBECTL} rollout`, () => ++tries === 1 ? "late" : {});
    assert.equal(await rehearsal.deploy(), 1);
    assert.match(rehearsal.text, /release v1 runs again; new and still there: Service services\/baru/);
  });

  it("but not when Ctrl-C comes after all has passed: then the release is kept as well", async () => {
    rehearsal.answer(({ what }) => {
      if (what === "POST /logout") rehearsal.stop.abort();
      return undefined;
    });
    assert.equal(await rehearsal.deploy(), 0, rehearsal.text);
    assert.ok(rehearsal.given.at(-1)?.[1].includes("kependudukan-release"));
  });

  it("but not when all is well and only the release cannot be kept", async () => {
    rehearsal.play(APPLY, () => {
      const keeping = rehearsal.given.at(-1)?.[1].includes("kependudukan-release");
      return keeping ? { code: 1, stderr: "error: no right\n" } : {};
    });
    assert.equal(await rehearsal.deploy(), 1);
    assert.equal(rehearsal.said.at(-1), "\nKeep the release for a way back failed: error: no right");
    assert.match(applied().at(-1)?.[1] ?? "", new RegExp(`auth:${TAG}`));
  });
});

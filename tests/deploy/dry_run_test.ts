import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, it } from "@std/testing/bdd";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { eventually } from "../e2e/process.ts";
import { type Checkout, commit, openCheckout, shell } from "./checkout.ts";

/** The command as a person runs it: a process in a clean checkout, with programs of ours as `kubectl` and `deno`. */
describe("deno task deploy --dry-run", () => {
  let folder: string;
  let clone: Checkout;
  let checkout: string;
  let programs: string;
  let log: string;

  before(async () => {
    folder = await Deno.makeTempDir({ prefix: "kependudukan-deploy-test-" });
    programs = join(folder, "programs");
    log = join(folder, "commands.log");
    await Deno.mkdir(programs);
    clone = await openCheckout();
    checkout = clone.path;
  });
  after(async () => {
    await clone?.[Symbol.asyncDispose]();
    await Deno.remove(folder, { recursive: true });
  });
  beforeEach(async () => {
    await Deno.writeTextFile(log, "");
    await install(
      "kubectl",
      `[ "$2" = current-context ] && echo "error: current-context is not set" >&2 && exit 1`,
    );
    await install("deno", `[ "$1" = task ] && echo "412 passed, 0 failed" || exit 3`);
  });
  afterEach(() => shell("git reset -q --hard && git clean -qfdx", { cwd: checkout }));

  it("prints the plan on a clean checkout, changes nothing and exits with 0", async () => {
    const { code, stdout } = await deploy("--dry-run").output();
    assert.equal(code, 0, stdout);
    assert.match(stdout, /ok +manifest +deploy\.yml holds \d{2} valid objects\n/);
    assert.match(stdout, /ok +tests +deno task ok passed: 412 passed, 0 failed\n/);
    assert.match(
      stdout,
      /\nPlan\n +fleet +\d{2} objects of deploy\.yml with images of tag [0-9a-f]{12}, tried at https:/,
    );
    assert.ok(stdout.endsWith("\nDry run: nothing was changed\n"));
    assert.equal(await shell("git status --porcelain", { cwd: checkout }), "");
    assert.doesNotMatch(await Deno.readTextFile(log), /apply|--prod/);
  });

  it("does not run the tests of one commit twice", async () => {
    await deploy("--dry-run", "--target", "fleet").output();
    await deploy("--dry-run", "--target", "fleet").output();
    assert.equal((await Deno.readTextFile(log)).match(/^deno task ok$/gm)?.length, 1);
  });

  it("exits with 1 and names the line of a typo in the manifest", async () => {
    const file = join(checkout, "deploy.yml");
    const lines = (await Deno.readTextFile(file)).split("\n");
    const at = lines.findIndex((line) => line === "  minReplicas: 5");
    lines[at] = "  minReplcias: 5";
    await Deno.writeTextFile(file, lines.join("\n"));
    await shell("git checkout -q -b typo", { cwd: checkout });
    await commit(checkout, "Typo");
    const { code, stdout } = await deploy("--dry-run").output();
    await shell("git checkout -q -", { cwd: checkout });
    assert.equal(code, 1);
    assert.match(
      stdout,
      new RegExp(`\\ndeploy\\.yml:${at + 1}: Unknown field "minReplcias" .*, is "minReplicas" meant\\?\\n$`),
    );
  });

  it("compares with the cluster that it is given", async () => {
    await install("kubectl", CLUSTER);
    const { code, stdout } = await deploy("--dry-run", "--target", "fleet", "--context", "uji").output();
    assert.equal(code, 0, stdout);
    assert.match(stdout, /ok +context +"uji", the cluster at https:\/\/127\.0\.0\.1:6443\n/);
    assert.match(stdout, /ok +secrets +the \d+ that deploy\.yml refers to exist\n/);
    assert.match(stdout, /change Deployment edge\/edge, 1 lines in and 1 out\n/);
    assert.doesNotMatch(await Deno.readTextFile(log), /apply|--prod/);
  });

  it("ends at Ctrl-C with 130, and so does the program that it waits for", async () => {
    await install("deno", `echo "pid $$" >> ${log}; exec sleep 60`);
    const running = deploy("--dry-run");
    await eventually("the tests run", async () => /^pid/m.test(await Deno.readTextFile(log)), 60_000);
    running.interrupt();
    const { code, stdout } = await running.output();
    assert.equal(code, 130);
    assert.ok(stdout.endsWith("\nStopped by Ctrl-C\n"), stdout);
    const pid = /^pid (\d+)$/m.exec(await Deno.readTextFile(log))?.[1];
    assert.equal(existsSync(`/proc/${pid}`), false);
  });

  it("explains a wrong option in one sentence", async () => {
    const { code, stderr } = await deploy("--target", "moon").output();
    assert.equal(code, 1);
    assert.equal(stderr, 'Option "--target" takes edge, fleet or all, not "moon"\n');
  });

  function deploy(...args: readonly string[]) {
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-check", "--quiet", "--frozen", ...PERMISSIONS, "ops/tasks/deploy.ts", ...args],
      cwd: checkout,
      env: { PATH: `${programs}:${Deno.env.get("PATH")}`, NO_COLOR: "1", KUBECTL_EXTERNAL_DIFF: "meld" },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const output = child.output();
    const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    return {
      interrupt: () => child.kill("SIGINT"),
      async output() {
        const { code, stdout, stderr } = await output;
        return { code, stdout: decode(stdout), stderr: decode(stderr) };
      },
    };
  }

  /** A program that logs how it was called. */
  async function install(name: string, script: string): Promise<void> {
    await Deno.writeTextFile(join(programs, name), `#!/bin/sh\necho "${name} $*" >> ${log}\n${script}\n`, {
      mode: 0o755,
    });
  }
});

/** Those of the task in deno.json. */
const PERMISSIONS = "--allow-read --allow-write --allow-env --allow-net --allow-run=deno,git,kubectl,rm,tar"
  .split(" ");

/** A cluster that has all of it, in which one image differs. */
const CLUSTER = `
case "$*" in
  *"config current-context") echo other ;;
  *"config view"*) printf https://127.0.0.1:6443 ;;
  *api-versions) sed -n 's/^apiVersion: //p' deploy.yml | sort -u ;;
  *"get namespaces"*) printf 'namespace/edge\\nnamespace/services\\nnamespace/data\\nnamespace/monitoring\\n' ;;
  *"get secrets"*) sed -n 's/^#   [a-z]*\\/\\([a-z-]*\\) .*/\\1   Opaque   1   3d/p' deploy.yml ;;
  *diff*) [ -z "$KUBECTL_EXTERNAL_DIFF" ] || exit 3; cat > /dev/null; cat <<'END'
diff -u -N /tmp/LIVE-1/apps.v1.Deployment.edge.edge /tmp/MERGED-2/apps.v1.Deployment.edge.edge
--- /tmp/LIVE-1/apps.v1.Deployment.edge.edge
+++ /tmp/MERGED-2/apps.v1.Deployment.edge.edge
@@ -1 +1 @@
-  image: edge:a
+  image: edge:b
END
  exit 1 ;;
esac`;

import assert from "node:assert/strict";
import { beforeEach, describe, it } from "@std/testing/bdd";
import { APPLY, COMMIT, KUBECTL, MANIFEST, PUBLISH, Rehearsal, released, TAG } from "./rehearsal.ts";

describe("deploy to the fleet", () => {
  let rehearsal: Rehearsal;
  beforeEach(() => rehearsal = new Rehearsal());

  it("checks, compares, applies servers before workloads, waits, tries and keeps the release, in this order", async () => {
    assert.equal(await rehearsal.deploy(), 0, rehearsal.text);
    assert.deepEqual(rehearsal.commands, [
      "git status --porcelain",
      "git rev-parse HEAD",
      "kubectl config current-context",
      "kubectl config view --minify --context=production --output=jsonpath={.clusters[0].cluster.server}",
      `${KUBECTL} --request-timeout=30s api-versions`,
      `${KUBECTL} --request-timeout=30s get secrets --namespace services --no-headers`,
      `${KUBECTL} --request-timeout=30s get configmap kependudukan-release --namespace services --ignore-not-found --output=json`,
      `${KUBECTL} --request-timeout=30s get namespaces --output=name`,
      APPLY.replace(" apply ", " diff "),
      APPLY,
      `${KUBECTL} wait --for=condition=Ready cluster.postgresql.cnpg.io/postgres --namespace services --timeout=900s`,
      APPLY,
      `${KUBECTL} rollout status deployment.apps/auth --namespace services --timeout=900s`,
      APPLY,
    ]);
    const [, servers, all = "", kept] = rehearsal.given.map(([, stdin]) => stdin);
    assert.ok(servers && !servers.includes("Deployment"));
    assert.ok(all.includes(`image: registry.example/auth:${TAG}\n`) && !all.includes("IMAGE_TAG"));
    assert.ok(all.includes(`"name":"keycloak-realm"`), "the realm is applied as a ConfigMap");
    const release = JSON.parse(kept ?? "");
    assert.deepEqual(release.data, { commit: COMMIT, tag: TAG, manifest: all });
  });

  it("asks only for names of secrets, by the table that the server makes", async () => {
    await rehearsal.deploy();
    const asked = rehearsal.commands.filter((command) => / secrets? /.test(command));
    assert.equal(asked.length, 1);
    assert.doesNotMatch(asked[0] ?? "", /--output|-o /);
  });

  it("does without a secret that is optional", async () => {
    rehearsal.files.set(
      "deploy.yml",
      MANIFEST.replace("name: auth, key: A", "name: auth, key: A, optional: true"),
    );
    rehearsal.play(`${KUBECTL} --request-timeout=30s get secrets`, {});
    assert.equal(await rehearsal.deploy(), 0, rehearsal.text);
  });

  it("tells how each roll-out comes along", async () => {
    rehearsal.play(`${KUBECTL} rollout`, { stdout: "Waiting: 1 of 2 updated\nsuccessfully rolled out\n" });
    await rehearsal.deploy();
    assert.match(rehearsal.text, /Deployment services\/auth +Waiting: 1 of 2 updated\n/);
  });

  it("shows what the cluster will change, and what is no longer in deploy.yml", async () => {
    rehearsal.play(`${KUBECTL} --request-timeout=30s diff`, { code: 1, stdout: DIFF });
    rehearsal.play(`${KUBECTL} --request-timeout=30s get configmap`, released("Service services/alt"));
    await rehearsal.deploy();
    assert.match(rehearsal.text, /where v1 was kept last/);
    assert.match(rehearsal.text, /change Deployment services\/auth, 2 lines in and 1 out\n/);
    assert.match(rehearsal.text, /create Namespace services\n/);
    assert.match(rehearsal.text, /Service services\/alt is no longer in deploy.yml/);
  });

  it("calls everything in a namespace that does not exist yet new", async () => {
    rehearsal.play(`${KUBECTL} --request-timeout=30s get namespaces`, { stdout: "namespace/default\n" });
    await rehearsal.deploy();
    assert.match(rehearsal.text, /create Deployment services\/auth\n/);
    const compared = rehearsal.given[0]?.[1] ?? "";
    assert.ok(compared.includes("Namespace") && !compared.includes("Deployment"));
  });

  it("takes tag, context and URL from the command line", async () => {
    const code = await rehearsal.deploy({
      image: "v2",
      context: "production",
      yes: true,
      url: "https://lain.example",
    });
    assert.equal(code, 0, rehearsal.text);
    assert.ok(rehearsal.given.some(([, stdin]) => stdin.includes("registry.example/auth:v2\n")));
    assert.ok(rehearsal.asked.every(({ url }) => url.startsWith("https://lain.example/")));
  });

  it("takes context and URL from the outputs of Terraform", async () => {
    const outputs = {
      kubernetes_context: { value: "production" },
      public_url: { value: "https://awan.example" },
    };
    rehearsal.files.set("ops/terraform/outputs.json", JSON.stringify(outputs));
    rehearsal.play("kubectl config current-context", { code: 1 });
    assert.equal(await rehearsal.deploy(), 0, rehearsal.text);
    assert.ok(rehearsal.asked.every(({ url }) => url.startsWith("https://awan.example/")));
  });

  it("runs the tests when they have not passed for this commit, and remembers that they did", async () => {
    rehearsal.files.set(".artifacts/ok", "another commit\n");
    assert.equal(await rehearsal.deploy(), 0);
    assert.equal(rehearsal.commands.filter((command) => command === "deno task ok").length, 1);
    assert.equal(rehearsal.files.get(".artifacts/ok"), `${COMMIT}\n`);
  });
});

describe("deploy to both", () => {
  it("releases the fleet first, and sets back the edge before the fleet when the edge fails", async () => {
    const rehearsal = new Rehearsal();
    rehearsal.play(`${KUBECTL} --request-timeout=30s get configmap`, released());
    rehearsal.play("deno deploy --json", {
      code: 6,
      stderr: `{"error":{"code":"NETWORK","message":"The backend is away."}}`,
    });
    assert.equal(await rehearsal.deploy({ target: "all" }), 1);
    assert.deepEqual(rehearsal.changes, [APPLY, APPLY, PUBLISH, APPLY]);
    const order = [
      "Setting back: the edge negara/layanan",
      'Setting back: the fleet of context "production"',
    ];
    assert.deepEqual(order.map((what) => rehearsal.said.findIndex((line) => line.startsWith(what)) > 0), [
      true,
      true,
    ]);
    assert.ok(rehearsal.text.indexOf(order[0] ?? "") < rehearsal.text.indexOf(order[1] ?? ""));
  });
});

describe("A dry run", () => {
  for (const target of ["fleet", "edge", "all"] as const) {
    it(`of ${target} changes nothing and exits with 0`, async () => {
      const rehearsal = new Rehearsal();
      rehearsal.typed = undefined;
      assert.equal(await rehearsal.deploy({ target, dryRun: true }), 0, rehearsal.text);
      assert.equal(rehearsal.said.at(-1), "\nDry run: nothing was changed");
      assert.deepEqual(rehearsal.changes, []);
      assert.deepEqual(rehearsal.asked, []);
    });
  }

  it("shows the plan on a machine without a cluster and without a sign-in, and says what is left open", async () => {
    const rehearsal = new Rehearsal().play("kubectl", "missing").play("deno deploy", { code: 3 });
    assert.equal(await rehearsal.deploy({ target: "all", dryRun: true }), 0, rehearsal.text);
    assert.match(rehearsal.text, /open +context +Install kubectl: there is none on the PATH\n/);
    assert.match(rehearsal.text, /open +deno deploy +Sign in to Deno Deploy/);
    assert.match(rehearsal.text, /fleet +6 objects of deploy\.yml with images of tag 0123456789ab/);
    assert.match(rehearsal.text, /edge +publish 0123456789ab to production of negara\/layanan/);
  });

  it("asks for everything when it names a cluster", async () => {
    const rehearsal = new Rehearsal().play("kubectl config view", { code: 1 });
    assert.equal(await rehearsal.deploy({ dryRun: true, context: "produksi" }), 1);
    assert.match(rehearsal.text, /FAILED +context\n\nChoose one of .*there is no context "produksi"$/);
  });
});

const DIFF =
  `diff -u -N /tmp/LIVE-123/apps.v1.Deployment.services.auth /tmp/MERGED-456/apps.v1.Deployment.services.auth
--- /tmp/LIVE-123/apps.v1.Deployment.services.auth\t2026-11-22 20:00:00
+++ /tmp/MERGED-456/apps.v1.Deployment.services.auth\t2026-11-22 20:00:00
@@ -30,7 +30,8 @@
       containers:
-      - image: registry.example/auth:v1
+      - image: registry.example/auth:v2
+        imagePullPolicy: IfNotPresent
diff -u -N /tmp/LIVE-123/v1.Namespace..services /tmp/MERGED-456/v1.Namespace..services
--- /tmp/LIVE-123/v1.Namespace..services\t2026-11-22 20:00:00
+++ /tmp/MERGED-456/v1.Namespace..services\t2026-11-22 20:00:00
@@ -0,0 +1,3 @@
+apiVersion: v1
+kind: Namespace
+metadata: {}
`;

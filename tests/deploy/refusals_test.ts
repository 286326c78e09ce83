import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { KUBECTL, MANIFEST, Rehearsal } from "./rehearsal.ts";

describe("deploy refuses before it changes anything", () => {
  const missing = (program: string) => (rehearsal: Rehearsal) => rehearsal.play(program, "missing");
  const quick = `${KUBECTL} --request-timeout=30s`;
  const refusals: readonly (readonly [when: string, (rehearsal: Rehearsal) => void, sentence: string])[] = [
    [
      "a file was changed",
      (r) => r.play("git status", { stdout: " M deploy.yml\n?? baru.ts\n" }),
      'Commit or put away 2 changed files first, such as "deploy.yml"',
    ],
    [
      "it is no git checkout",
      (r) => r.play("git status", { code: 128 }),
      "Run deploy in a git checkout: git does not answer here",
    ],
    ["git is missing", missing("git status"), "Install git: there is none on the PATH"],
    [
      "there is no manifest",
      (r) => r.files.delete("deploy.yml"),
      "Run deploy in the root of the checkout: there is no deploy.yml here",
    ],
    ["the tests fail", (r) => {
      r.files.delete(".artifacts/ok");
      r.play("deno task ok", { code: 1, stdout: "411 passed, 1 failed\n" });
    }, 'Mend what deno task ok reports first; it ended with "411 passed, 1 failed"'],
    ["the tests hang", (r) => {
      r.files.delete(".artifacts/ok");
      r.play("deno task ok", "late");
    }, "Find out with deno task ok why the tests do not end in 30 minutes"],
    [
      "kubectl is missing",
      missing("kubectl config current-context"),
      "Install kubectl: there is none on the PATH",
    ],
    [
      "there is no context",
      (r) => r.play("kubectl config current-context", { code: 1 }),
      "Name the cluster with --context: kubectl has no current context",
    ],
    [
      "the context is unknown",
      (r) => r.play("kubectl config view", { code: 1 }),
      'Choose one of kubectl config get-contexts: there is no context "production"',
    ],
    [
      "the cluster is away",
      (r) =>
        r.play(`${quick} api-versions`, {
          code: 1,
          stderr: "E1122 long\nUnable to connect to the server: i/o timeout\n",
        }),
      "Ask the cluster what it serves failed: Unable to connect to the server: i/o timeout",
    ],
    [
      "an operator is missing",
      (r) =>
        r.play(`${quick} api-versions`, {
          stdout: "v1\napps/v1\nnetworking.k8s.io/v1\ncert-manager.io/v1\n",
        }),
      "Install the operators that deploy.yml names first: nothing serves postgresql.cnpg.io/v1",
    ],
    [
      "a secret is missing",
      (r) => r.play(`${quick} get secrets`, { stdout: "other   Opaque   1   3d\n" }),
      "Create the secrets that deploy.yml refers to first: there is no services/auth",
    ],
    [
      "the comparison fails",
      (r) => r.play(`${quick} diff`, { code: 2, stderr: "error: field not declared in schema\n" }),
      "Compare deploy.yml with the cluster failed: error: field not declared in schema",
    ],
    [
      "the kept release is not readable",
      (r) => r.play(`${quick} get configmap`, { stdout: "{}" }),
      'Repair ConfigMap "services/kependudukan-release": it does not hold the last release',
    ],
    [
      "the outputs of Terraform are broken",
      (r) => r.files.set("ops/terraform/outputs.json", "{"),
      "Write ops/terraform/outputs.json again with: terraform -chdir=ops/terraform output -json > ops/terraform/outputs.json",
    ],
    [
      "nobody can be asked",
      (r) => r.typed = undefined,
      "Confirm on a terminal, or with --context NAME --yes",
    ],
    ["another name is typed", (r) => r.typed = "prod", 'Nothing was changed: "production" was not typed'],
  ];
  for (const [when, arrange, sentence] of refusals) {
    it(`when ${when}`, async () => {
      const rehearsal = new Rehearsal();
      arrange(rehearsal);
      assert.equal(await rehearsal.deploy(), 1);
      assert.equal(rehearsal.said.at(-1), `\n${sentence}`);
      assert.deepEqual(rehearsal.changes, []);
    });
  }

  const mistakes: readonly (readonly [when: string, RegExp, replacement: string, sentence: RegExp])[] = [
    ["is not YAML", /name: auth\n/, "name: [auth\n", /deploy\.yml:1[34]: /],
    [
      "has an object without a kind",
      /kind: Deployment\n/,
      "",
      /deploy\.yml:10: Object at "kind": must be a text/,
    ],
    [
      "has a key twice",
      /kind: Deployment\n/,
      "kind: Deployment\nkind: Deployment\n",
      /deploy\.yml:12: Map keys must be unique/,
    ],
    [
      "has an object twice",
      /name: edge, /,
      "name: edge, namespace: services }\n---\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: { name: edge, ",
      /deploy\.yml:\d+: Ingress services\/edge is there twice/,
    ],
    [
      "names a namespace that it does not make",
      /namespace: services\n/,
      "namespace: servics\n",
      /deploy\.yml:14: Namespace "servics" is not made here/,
    ],
    [
      "has a tag that YAML does not know",
      /name: auth\n/,
      "name: !benar auth\n",
      /deploy\.yml:13: Unresolved tag/,
    ],
    [
      "misspells a field",
      /template:\n/,
      "tempalte:\n",
      /deploy\.yml:\d+: Unknown field "tempalte" at spec of Deployment services\/auth, is "template" meant\?$/m,
    ],
    [
      "has a value of the wrong type",
      /instances: 3/,
      "instances: three",
      /deploy\.yml:8: spec\.instances of Cluster services\/postgres must be integer/,
    ],
    [
      "has a kind whose schema is not kept",
      /kind: Cluster/,
      "kind: Clutser",
      /deploy\.yml:6: No schema of postgresql\.cnpg\.io\/v1 Clutser is kept in tests\/deploy\/schemas/,
    ],
    ["has no image with the tag", /:IMAGE_TAG/, ":latest", /deploy\.yml:1: No image ends with ":IMAGE_TAG"/],
  ];
  for (const [when, pattern, replacement, sentence] of mistakes) {
    it(`when the manifest ${when}, and names the line`, async () => {
      const rehearsal = new Rehearsal();
      rehearsal.files.set("deploy.yml", MANIFEST.replace(pattern, replacement));
      assert.equal(await rehearsal.deploy({ dryRun: true }), 1);
      assert.match(rehearsal.said.at(-1) ?? "", sentence);
      assert.ok(!rehearsal.commands.some((command) => command.startsWith("kubectl")));
    });
  }
});

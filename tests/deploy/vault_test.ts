import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { PARTS } from "../../shared/config/config.ts";
import { SECRET_VARIABLES } from "../../shared/config/secrets.ts";
import { JOBS, onlyContainer, WORKLOADS } from "./fleet.ts";
import { pathsOf, readVault, templatesOf } from "./vault.ts";

const HOLDERS = [...PARTS, ...JOBS.map(({ metadata }) => metadata.name)];

describe("the files for Vault", () => {
  for (const part of HOLDERS) {
    it(`write for ${part} the files that deploy.yml tells it to read, and no other`, async () => {
      const templates = templatesOf(await readVault(`agent/${part}.hcl`));
      assert.deepEqual(templates.map(({ destination }) => destination).sort(), filesOf(part).sort());
      assert.ok(templates.every(({ perms }) => perms === "0440"));
    });

    it(`let ${part} read what its templates use, and nothing else`, async () => {
      const policy = pathsOf(await readVault(`policies/${part}.hcl`));
      const used = templatesOf(await readVault(`agent/${part}.hcl`)).map(({ secret }) => secret);
      assert.deepEqual(policy.map(({ path }) => path).sort(), [...new Set(used)].sort());
      assert.deepEqual(new Set(policy.map(({ capabilities }) => capabilities)), new Set(['"read"']));
      assert.ok(policy.every(({ path }) => !/[*+]/.test(path)));
    });

    it(`give ${part} no secret that another part has for itself`, async () => {
      const others = HOLDERS.filter((other) => other !== part);
      for (const { path } of pathsOf(await readVault(`policies/${part}.hcl`))) {
        assert.ok(others.every((other) => !path.endsWith(`/${other}`)), path);
      }
    });

    it(`let ${part} log in as itself`, async () => {
      const text = await readVault(`agent/${part}.hcl`);
      assert.deepEqual([...text.matchAll(/role = "(\w+)"/g)].map(([, role]) => role), [part]);
    });
  }

  it("make logins of the database in the roles of the part alone", async () => {
    const rolesIn = async (part: string) =>
      [...(await readVault(`database/${part}.sql`)).matchAll(/kependudukan_\w+/g)].map(([role]) => role);
    assert.deepEqual(await rolesIn("registration"), [
      "kependudukan_registration",
      "kependudukan_audit_writer",
      "kependudukan_auditor",
    ]);
    assert.deepEqual(await rolesIn("relay"), ["kependudukan_relay"]);
    assert.deepEqual(await rolesIn("reconcile"), ["kependudukan_reader"]);
  });
});

/** The secrets that the part reads as files. */
function filesOf(part: string): string[] {
  const holder = [...WORKLOADS, ...JOBS].find(({ metadata }) => metadata.name === part);
  if (holder === undefined) throw new Error(`Find the pods of "${part}" failed`);
  const secrets: readonly string[] = [...SECRET_VARIABLES, "KEYS", "MONGODB_MASTER_KEY"].map((name) =>
    `${name}_FILE`
  );
  return onlyContainer(holder).env.flatMap((variable) =>
    "value" in variable && secrets.includes(variable.name) ? [variable.value] : []
  );
}

import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { type Part, PARTS } from "../../shared/config/config.ts";
import { SECRET_VARIABLES } from "../../shared/config/secrets.ts";
import { one, onlyContainer, Workload } from "./fleet.ts";
import { pathsOf, readVault, templatesOf } from "./vault.ts";

describe("the files for Vault", () => {
  for (const part of PARTS) {
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
      const others = PARTS.filter((other) => other !== part);
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
  });
});

/** The secrets that the part reads as files. */
function filesOf(part: Part): string[] {
  const secrets: readonly string[] = [...SECRET_VARIABLES, "KEYS", "MONGODB_MASTER_KEY"].map((name) =>
    `${name}_FILE`
  );
  return onlyContainer(one("Deployment", part, Workload)).env.flatMap((variable) =>
    "value" in variable && secrets.includes(variable.name) ? [variable.value] : []
  );
}

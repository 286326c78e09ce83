import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { z } from "zod";
import { DATABASE_ROLES, roleName } from "../../shared/adapters/postgres/roles.ts";
import { one, onlyContainer, Workload } from "./fleet.ts";

const { postgresql: { parameters }, bootstrap, managed } = one(
  "Cluster",
  "postgres",
  z.object({
    spec: z.object({
      postgresql: z.object({ parameters: z.record(z.string(), z.string()) }),
      bootstrap: z.object({ initdb: z.object({ owner: z.string() }) }),
      managed: z.object({ roles: z.array(z.object({ name: z.string(), login: z.boolean() })) }),
    }),
  }),
).spec;

describe("PostgreSQL of deploy.yml", () => {
  it("logs no parameter of a statement, in which keys and people travel", () => {
    assert.equal(parameters["log_parameter_max_length"], "0");
    assert.equal(parameters["log_parameter_max_length_on_error"], "0");
    assert.equal(parameters["log_error_verbosity"], "terse");
    assert.equal(parameters["log_statement"], "none");
  });

  it("has the roles that the migrations grant rights to, and only the migrator owns the tables", () => {
    assert.equal(bootstrap.initdb.owner, roleName("migrator"));
    const inMongoOrKafka = ["migrator", "event_log", "statistics", "notification"];
    const wanted = DATABASE_ROLES.filter((role) => !inMongoOrKafka.includes(role)).map(roleName);
    const made = managed.roles.filter(({ name }) => name.startsWith("kependudukan_"));
    assert.deepEqual(made.map(({ name }) => name).sort(), wanted.sort());
    assert.ok(made.every(({ login }) => !login));
  });

  it("has connections for all, also while one pod more rolls out, and 20 to spare", async () => {
    const Scaled = z.object({ spec: z.object({ maxReplicas: z.number() }) });
    const registration = (one("HorizontalPodAutoscaler", "registration", Scaled).spec.maxReplicas + 1) *
      (await poolOf("registration") + await poolOf("auditor", "workers/registration/main.ts") +
        await poolOf("audit", "shared/runtime/audit.ts"));
    // The relay's leader, and each that wants to be, holds a session of its own.
    const relay = ((one("Deployment", "relay", Workload).spec.replicas ?? 0) + 1) *
      (await poolOf("relay") + 1);
    const keycloak = one("Deployment", "keycloak", Workload);
    const pool = onlyContainer(keycloak).env.flatMap((variable) =>
      variable.name === "KC_DB_POOL_MAX_SIZE" && "value" in variable ? [Number(variable.value)] : []
    );
    const identity = ((keycloak.spec.replicas ?? 0) + 1) * (pool[0] ?? NaN);
    assert.ok(registration + relay + identity + 20 <= Number(parameters["max_connections"]));
  });
});

async function poolOf(name: string, file = `workers/${name}/main.ts`): Promise<number> {
  const [, size] = new RegExp(`pool\\("${name}", \\{ max: (\\d+),`).exec(await Deno.readTextFile(file)) ?? [];
  if (size === undefined) throw new Error(`Find the pool of "${name}" failed`);
  return Number(size);
}

import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { z } from "zod";
import { one, onlyContainer, Workload } from "./fleet.ts";

const { parameters } = one(
  "Cluster",
  "postgres",
  z.object({
    spec: z.object({ postgresql: z.object({ parameters: z.record(z.string(), z.string()) }) }),
  }),
).spec.postgresql;

describe("PostgreSQL of deploy.yml", () => {
  it("logs no parameter of a statement, in which keys and people travel", () => {
    assert.equal(parameters["log_parameter_max_length"], "0");
    assert.equal(parameters["log_parameter_max_length_on_error"], "0");
    assert.equal(parameters["log_error_verbosity"], "terse");
    assert.equal(parameters["log_statement"], "none");
  });

  it("has connections for all, also while one pod more rolls out, and 20 to spare", async () => {
    const Scaled = z.object({ spec: z.object({ maxReplicas: z.number() }) });
    const registration = (one("HorizontalPodAutoscaler", "registration", Scaled).spec.maxReplicas + 1) *
      await poolOf("registration");
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

async function poolOf(part: string): Promise<number> {
  const [, size] =
    new RegExp(`pool\\("${part}", (\\d+)\\)`).exec(await Deno.readTextFile(`workers/${part}/main.ts`)) ?? [];
  if (size === undefined) throw new Error(`Find the pool of "${part}" failed`);
  return Number(size);
}

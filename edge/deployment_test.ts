import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { ConfigError } from "../shared/config/config.ts";
import { openDeployment } from "./deployment.ts";

const SERVERS = {
  AUDIT_SINKS: "stdout",
  KEYCLOAK_URL: "https://id.invalid",
  GOV_GATEWAY_SECRET: "rahasia-gerbang-percobaan",
  AUTH_URL: "https://auth.invalid",
  REGISTRATION_URL: "https://registration.invalid",
  STATISTICS_URL: "https://statistics.invalid",
  NOTIFICATION_URL: "https://notification.invalid",
};

describe("openDeployment", () => {
  it("refuses limits that every instance would count alone", async () => {
    assert.match(await refusal({ ...SERVERS }), /REDIS_URL must be set/);
  });

  it("refuses a store that needs a socket", async () => {
    const told = await refusal({ ...SERVERS, REDIS_URL: "rediss://:sandi-redis-percobaan@redis.invalid" });
    assert.match(told, /^UPSTASH_REDIS_REST_URL must be set/);
  });

  it("refuses to audit into files or a database, which its runtimes have not", async () => {
    const upstash = {
      UPSTASH_REDIS_REST_URL: "https://upstash.invalid",
      UPSTASH_REDIS_REST_TOKEN: "token-upstash-percobaan",
    };
    for (const AUDIT_SINKS of ["file", "stdout,table"]) {
      assert.match(await refusal({ ...SERVERS, ...upstash, AUDIT_SINKS }), /AUDIT_SINKS must be stdout/);
    }
  });

  it("is in production even where it is told otherwise", async () => {
    const told = await refusal({ APP_ENV: "development", UPSTASH_REDIS_REST_URL: "https://upstash.invalid" });
    assert.match(told, /KEYCLOAK_URL must be set in production/);
    assert.match(told, /AUTH_URL must be set in production/);
    assert.match(told, /GOV_GATEWAY_SECRET must be set in production/);
  });
});

async function refusal(environment: Record<string, string>): Promise<string> {
  try {
    await openDeployment(environment);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error("The deployment was opened");
}

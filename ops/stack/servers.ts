import { join } from "node:path";
import { DEVELOPMENT_SECRETS } from "../../shared/adapters/embedded/identity/development_secrets.ts";
import type { Environment } from "../../shared/config/environment.ts";
import { type StackConfig, type StackPorts, toStackConfig } from "../../shared/config/stack.ts";
import type { Place, StackServer } from "./server.ts";
import { elasticsearch } from "./servers/elasticsearch.ts";
import { jaeger } from "./servers/jaeger.ts";
import { kafka } from "./servers/kafka.ts";
import { keycloak } from "./servers/keycloak.ts";
import { messagesApi } from "./servers/messages_api.ts";
import { mongodb } from "./servers/mongodb.ts";
import { postgres, untilPostgresServes } from "./servers/postgres.ts";
import { prometheus } from "./servers/prometheus.ts";
import { redis } from "./servers/redis.ts";
import { upstashBridge } from "./servers/upstash_bridge.ts";

/** All servers of the stack, configured by the environment; throws `ConfigError`. */
export function configuredStack(environment: Environment): StackConfig & { servers: readonly StackServer[] } {
  const secret = (name: string) => environment[name] || DEVELOPMENT_SECRETS[name];
  const serversWith = (redisPort: number, postgresPlace: () => Pick<Place, "data" | "ports">) => [
    postgres,
    kafka,
    mongodb,
    redis,
    { ...upstashBridge(redisPort), needs: [redis.name] },
    { ...keycloak(secret, () => untilPostgresServes(postgresPlace())), needs: [postgres.name] },
    messagesApi,
    prometheus,
    jaeger,
    elasticsearch,
  ];
  const placeOf = ({ dir, ports }: StackConfig) => ({
    data: join(dir, "data", postgres.name),
    ports: ports[postgres.name] ?? {},
  });
  const unplaced = { dir: "", ports: {} };
  const config = toStackConfig(environment, portsOf(serversWith(0, () => placeOf(unplaced))));
  const redisPort = config.ports[redis.name]?.["redis"] ?? 0;
  return { ...config, servers: serversWith(redisPort, () => placeOf(config)) };
}

/** Where the servers listen unless a variable says otherwise. */
export function defaultPorts(): StackPorts {
  return configuredStack({}).ports;
}

function portsOf(servers: readonly StackServer[]): StackPorts {
  return Object.fromEntries(servers.map(({ name, ports }) => [name, ports]));
}

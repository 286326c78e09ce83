import { keycloak } from "../../../ops/stack/servers/keycloak.ts";
import { kafka } from "../../../ops/stack/servers/kafka.ts";
import { messagesApi } from "../../../ops/stack/servers/messages_api.ts";
import { mongodb } from "../../../ops/stack/servers/mongodb.ts";
import { postgres } from "../../../ops/stack/servers/postgres.ts";
import { redis } from "../../../ops/stack/servers/redis.ts";
import { DEVELOPMENT_SECRETS } from "../../../shared/adapters/embedded/identity/development_secrets.ts";
import { type Dependency, startServer, type Ward } from "./dependency.ts";
import { identity } from "./identity.ts";

/** Starts the external systems of one ground, each with a line in front that can be broken where that is possible. */
export async function startDependencies(on: Ground, ward: Ward): Promise<readonly Dependency[]> {
  const database = await startServer(postgres, { ...ward, over: ["sql"] });
  const others = on === "embedded"
    ? [startServer(identity, { ...ward, over: ["http"], environment: (url) => ({ PUBLIC_URL: url }) })]
    : [
      startServer(redis, { ...ward, over: ["redis"] }),
      startServer(mongodb, { ...ward, over: ["client"] }),
      startServer(kafka, {
        ...ward,
        brokers: 3,
        over: ["client", "client2", "client3"],
        advertises: ({ args }) => args.at(-1) ?? "",
      }),
      startServer(keycloakOn(database), {
        ...ward,
        over: ["http"],
        environment: (url) => ({ KC_HOSTNAME: url }),
      }),
    ];
  return [database, ...await Promise.all([startServer(messagesApi, { ...ward, over: ["api"] }), ...others])];
}

/** `embedded`: PostgreSQL and an identity provider of ours. `stack`: the real servers, Kafka with three brokers. */
export type Ground = "embedded" | "stack";

function keycloakOn(database: Dependency) {
  return keycloak(
    (name) => DEVELOPMENT_SECRETS[name],
    () => Promise.resolve(database.direct["DATABASE_URL"] ?? ""),
  );
}

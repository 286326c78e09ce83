import { DEVELOPMENT_SECRETS } from "../../shared/adapters/embedded/identity/development_secrets.ts";
import type { Environment } from "../../shared/config/environment.ts";
import type { StackPorts } from "../../shared/config/stack.ts";
import type { StackServer } from "./server.ts";
import { keycloak } from "./servers/keycloak.ts";
import { postgres } from "./servers/postgres.ts";

/** All servers of the stack. */
export function stackServers(environment: Environment): readonly StackServer[] {
  return [
    postgres,
    keycloak((name) => environment[name] || DEVELOPMENT_SECRETS[name]),
  ];
}

export function defaultPorts(servers: readonly StackServer[]): StackPorts {
  return Object.fromEntries(servers.map(({ name, ports }) => [name, ports]));
}

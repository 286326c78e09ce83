import { before, describe } from "@std/testing/bdd";
import { readEnvironment } from "../../shared/config/environment.ts";
import { stackVariables } from "../../shared/config/stack_file.ts";
import { RealmClient } from "../contract/identity_client.ts";
import { tokensThroughEdge } from "./tokens/through_edge.ts";

describe("Attacks by tokens of Keycloak", () => {
  let client: RealmClient;
  before(async () => {
    const variables = await stackVariables(readEnvironment());
    const realm = {
      issuer: `${variables["KEYCLOAK_URL"]}/realms/gov-realm`,
      fetch: (request: Request) => fetch(request),
      secret: (name: string) => variables[name] ?? "",
      close: () => Promise.resolve(),
    };
    client = new RealmClient(realm, undefined);
  });

  tokensThroughEdge(() => client);
});

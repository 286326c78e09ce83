import { before, describe } from "@std/testing/bdd";
import { openEmbeddedRealm } from "../contract/embedded_realm.ts";
import { RealmClient } from "../contract/identity_client.ts";
import { tokensThroughEdge } from "./tokens/through_edge.ts";

describe("Attacks by tokens", () => {
  let client: RealmClient;
  before(async () => {
    client = new RealmClient(await openEmbeddedRealm(), undefined);
  });

  tokensThroughEdge(() => client);
});

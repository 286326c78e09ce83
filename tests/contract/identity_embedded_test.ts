import { type EmbeddedRealm, openEmbeddedRealm } from "./embedded_realm.ts";
import { identityContract } from "./identity_contract.ts";

let now = Date.now();
let realm: EmbeddedRealm;

identityContract("the embedded provider", {
  async open() {
    return realm = await openEmbeddedRealm(() => now);
  },
  clock: { now: () => now, advance: (ms) => now += ms },
  keys: {
    publish: () => realm.keys.publish(),
    activate: () => Promise.resolve(realm.keys.activate()),
    retire: () => Promise.resolve(realm.keys.retire()),
  },
});

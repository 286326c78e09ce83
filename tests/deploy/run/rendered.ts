import { renderManifest } from "../../../ops/deploy/fleet_manifest.ts";
import { SOURCE } from "../fleet.ts";

/** deploy.yml as `deno task deploy` applies it. */
export async function renderedManifest(tag = "0123456789ab"): Promise<string> {
  return renderManifest(SOURCE, { tag, realm: await Deno.readTextFile("ops/keycloak/gov-realm-realm.json") });
}

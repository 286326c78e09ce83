import { before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { readEnvironment } from "../../shared/config/environment.ts";
import { stackVariables } from "../../shared/config/stack_file.ts";
import { sendRaw } from "./raw_http.ts";

/**
 * The Ingress of deploy.yml opens Keycloak by the beginning of paths. A path that begins so, and that Keycloak reads as
 * another one, would open the rest: Traefik hands on an encoded slash as it is.
 */
describe("Attacks by paths out of what is open of Keycloak", () => {
  let port = 0;
  before(async () => {
    const { KEYCLOAK_URL = "" } = await stackVariables(readEnvironment());
    port = Number(new URL(KEYCLOAK_URL).port);
    // Or a 404 would tell nothing of the path.
    for (const path of ["/realms/master", "/admin/master/console/"]) {
      assert.equal((await get(port, path)).status, 200, path);
    }
  });

  for (const opened of ["/resources", "/realms/gov-realm/login-actions", "/realms/gov-realm/.well-known"]) {
    const up = opened.slice(1).split("/").length;
    const attempts = [
      ["dots", "/", ".."],
      ["encoded dots", "/", "%2e%2e"],
      ["encoded slashes", "%2F", ".."],
      ["encoded dots and slashes", "%2f", "%2e%2e"],
      ["doubly encoded dots", "/", "%252e%252e"],
      ["backslashes", "\\", ".."],
      ["encoded backslashes", "%5C", ".."],
      ["parameters of a path", "/", "..;x=y"],
      ["parameters alone", "/", ".;/.."],
      ["empty elements", "//", ".."],
    ] as const;
    for (const [what, slash, dots] of attempts) {
      it(`${what} after ${opened} are refused`, async () => {
        for (const target of ["realms/master", "admin/master/console", "realms/gov-realm/account"]) {
          const way = Array.from({ length: up }, () => dots).join(slash);
          const path = `${opened}${slash}${way}${slash}${target.replaceAll("/", slash)}`;
          const { status, text } = await get(port, path);
          assert.ok(status === 400 || status === 404, `${status}`);
          assert.doesNotMatch(text, /public_key|<title>/);
        }
      });
    }
  }
});

/** The status of one request whose path no client would send like this, and what came with it. */
async function get(port: number, path: string) {
  const { statuses: [status], text } = await sendRaw(
    port,
    `GET ${path} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nconnection: close\r\n\r\n`,
  );
  return { status, text };
}

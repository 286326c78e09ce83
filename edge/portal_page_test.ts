import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { createApp } from "../shared/http/app.ts";
import type { PortalAssets } from "../shared/ports/portal_assets.ts";
import { servePortal } from "./portal_page.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const ASSETS: PortalAssets = new Map([
  ["/index.html", { type: "text/html; charset=utf-8", body: bytes('<meta content="{{issuer}}">') }],
  ["/assets/portal-1.js", { type: "text/javascript", body: bytes("plain"), brotli: bytes("squeezed") }],
]);

describe("servePortal", () => {
  const open = (issuer = "https://id.example/realms/gov-realm") => {
    const app = createApp({ service: "edge" });
    servePortal(app, { assets: ASSETS, issuer });
    return app;
  };
  const script = async (accepted?: string) => {
    const headers = accepted === undefined ? {} : { "accept-encoding": accepted };
    const answer = await open().request("/assets/portal-1.js", { headers });
    return { text: await answer.text(), headers: answer.headers };
  };

  it("answers / and /callback with the page, told of the issuer, under a policy without exceptions", async () => {
    for (const path of ["/", "/callback?code=x"]) {
      const answer = await open().request(path);
      assert.equal(await answer.text(), '<meta content="https://id.example/realms/gov-realm">');
      const policy = answer.headers.get("content-security-policy") ?? "";
      assert.match(policy, /^default-src 'none'; script-src 'self'; style-src 'self';/);
      assert.match(policy, /connect-src 'self' https:\/\/id\.example;/);
      assert.match(policy, /form-action 'none'; frame-ancestors 'none'/);
      assert.match(policy, /require-trusted-types-for 'script'; trusted-types 'none'$/);
      assert.doesNotMatch(policy, /unsafe|\*/);
      assert.equal(answer.headers.get("cache-control"), "no-cache");
    }
  });

  it("lets no issuer out of its attribute", async () => {
    const answer = await open('https://id.example/"><script>').request("/");
    assert.equal(await answer.text(), '<meta content="https://id.example/&quot;>&lt;script>">');
  });

  it("sends what is named after its content for ever, compressed to whoever takes that", async () => {
    for (const accepted of ["br", "gzip, deflate, br", "gzip;q=1, br;q=0.5", "BR"]) {
      const { text, headers } = await script(accepted);
      assert.deepEqual([text, headers.get("content-encoding")], ["squeezed", "br"], accepted);
      assert.equal(headers.get("vary"), "accept-encoding");
      assert.match(headers.get("cache-control") ?? "", /immutable/);
    }
    for (const accepted of [undefined, "gzip", "br;q=0", "gzip, br; q=0.0", "brotli"]) {
      const { text, headers } = await script(accepted);
      assert.deepEqual([text, headers.get("content-encoding")], ["plain", null], accepted ?? "none");
    }
  });

  it("serves nothing else, and the page under no other name", async () => {
    for (const path of ["/index.html", "/assets/portal-2.js", "/assets/../deno.json"]) {
      assert.equal((await open().request(path)).status, 404, path);
    }
  });
});

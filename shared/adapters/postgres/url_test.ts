import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { asLogin, asRole } from "./roles.ts";
import { withSettings } from "./url.ts";

describe("withSettings", () => {
  const options = (url: string) => new URL(url).searchParams.get("options");
  const plain = "postgres://user:p%40ss@db:5432/kependudukan?sslmode=verify-full";

  it("adds settings and leaves the rest of the URL alone", () => {
    const url = new URL(withSettings(plain, { role: "kependudukan_relay" }));
    assert.equal(url.searchParams.get("options"), "-c role=kependudukan_relay");
    assert.equal(url.searchParams.get("sslmode"), "verify-full");
    assert.deepEqual([url.password, url.host, url.pathname], ["p%40ss", "db:5432", "/kependudukan"]);
  });

  it("keeps the settings that the URL holds already, in both spellings", () => {
    const url = `${plain}&options=${encodeURIComponent("-c search_path=a,b --geqo=off -cjit=off")}`;
    const all = "-c search_path=a,b -c geqo=off -c jit=off -c role=kependudukan_reader";
    assert.equal(options(asRole(url, "reader")), all);
  });

  it("replaces a setting of the same name, and takes one away", () => {
    assert.equal(options(asRole(asRole(plain, "relay"), "reader")), "-c role=kependudukan_reader");
    assert.equal(asLogin(asRole(plain, "relay")), plain);
  });
});

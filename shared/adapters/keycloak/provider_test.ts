import { beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { Secret, type SecretValues } from "../../security/secret.ts";
import { createProvider } from "./provider.ts";

describe("our client's secret at the identity provider", () => {
  let values: SecretValues;
  let accepted: string;
  let asked: string[];
  beforeEach(() => {
    [values, accepted, asked] = [["satu"], "satu", []];
  });

  it("is asked for at each request", async () => {
    const ask = open();
    assert.equal(await ask(), "active");
    [values, accepted] = [["dua", "satu"], "dua"];
    assert.equal(await ask(), "active");
    assert.deepEqual(asked, ["satu", "dua"]);
  });

  it("may be changed here first: the one before is tried when the provider refuses", async () => {
    const ask = open();
    values = ["dua", "satu"];
    assert.equal(await ask(), "active");
    assert.deepEqual(asked, ["dua", "satu"]);
  });

  it("may be changed at the provider first: the request waits for it", async () => {
    const ask = open();
    accepted = "dua";
    setTimeout(() => values = ["dua", "satu"], 150);
    assert.equal(await ask(), "active");
    assert.deepEqual(asked, ["satu", "dua"]);
  });

  it("that stays as it is is sent once, and a refusal is no answer", async () => {
    const ask = open("satu");
    accepted = "dua";
    assert.equal(await ask(), undefined);
    assert.deepEqual(asked, ["satu"]);
  });

  function open(secret: Secret | string = Secret.changing("GOV_STATISTIK_SECRET", () => values)) {
    const provider = createProvider({
      realmUrl: "https://id.invalid/realms/uji",
      client: { id: "statistik-service", secret },
      timeoutMs: 1_000,
      fetch(request) {
        const [, basic = ""] = request.headers.get("authorization")?.split(" ") ?? [];
        const [, told = ""] = atob(basic).split(":");
        asked.push(told);
        if (told !== accepted) return Response.json({ error: "invalid_client" }, { status: 401 });
        return Response.json({ active: true });
      },
    });
    return () =>
      provider.ask("introspect", ({ status }) => status === 200 ? "active" : undefined, {
        form: { token: "-" },
      });
  }
});

describe("a question to the identity provider whose connection failed", () => {
  it("is asked once more, when it is about a token", async () => {
    const { provider, asked } = failing(1);
    assert.equal(await provider.ask("introspect", ({ status }) => status, { form: {} }), 200);
    assert.equal(asked(), 2);
  });

  it("is not asked again when it may have had its effect, or has a pace of its own", async () => {
    for (const endpoint of ["token", "logout", "certs"] as const) {
      const { provider, asked } = failing(1);
      assert.equal(await provider.ask(endpoint, ({ status }) => status, { form: {} }), undefined);
      assert.equal(asked(), 1);
    }
  });

  it("is not asked again and again while the provider is away, however many ask", async () => {
    const { provider, asked } = failing(Infinity);
    const questions = Array.from({ length: 50 }, () => provider.ask("introspect", () => true, { form: {} }));
    assert.deepEqual(new Set(await Promise.all(questions)), new Set([undefined]));
    assert.equal(asked(), 50 + 10);
  });

  function failing(times: number) {
    let asked = 0;
    const provider = createProvider({
      realmUrl: "https://id.invalid/realms/uji",
      client: { id: "statistik-service", secret: "satu" },
      timeoutMs: 1_000,
      fetch: () =>
        ++asked > times ? Response.json({}) : Promise.reject(new TypeError("error sending request")),
    });
    return { provider, asked: () => asked };
  }
});

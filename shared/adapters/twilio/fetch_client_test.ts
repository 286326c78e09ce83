import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { Secret, type SecretValues } from "../../security/secret.ts";
import { Answered, FetchClient } from "./fetch_client.ts";

const URI = "https://api.twilio.com/2010-04-01/Accounts/AC0/Messages.json";

describe("Twilio's token", () => {
  let values: SecretValues;
  let accepted: string;
  let asked: string[];
  let bodies: string[];
  let server: Deno.HttpServer<Deno.NetAddr>;

  beforeEach(() => {
    [values, accepted, asked, bodies] = [["satu"], "satu", [], []];
    server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
      const [, basic = ""] = request.headers.get("authorization")?.split(" ") ?? [];
      const [, told = ""] = atob(basic).split(":");
      asked.push(told);
      bodies.push(await request.text());
      if (told !== accepted) return Response.json({ code: 20003 }, { status: 401 });
      return Response.json({ sid: "SM0" }, { status: 201 });
    });
  });
  afterEach(() => server.shutdown());

  it("is asked for at each message", async () => {
    const send = open();
    assert.equal(await send(), 201);
    [values, accepted] = [["dua", "satu"], "dua"];
    assert.equal(await send(), 201);
    assert.deepEqual(asked, ["satu", "dua"]);
  });

  it("before is tried with the same message when Twilio refuses the new one", async () => {
    const send = open();
    values = ["dua", "satu"];
    assert.equal(await send(), 201);
    assert.deepEqual(asked, ["dua", "satu"]);
    assert.deepEqual(bodies, ["Body=Halo", "Body=Halo"]);
  });

  it("that stays as it is is tried once", async () => {
    accepted = "dua";
    await assert.rejects(
      open(Secret.fixed("TWILIO_AUTH_TOKEN", "satu"))(),
      (error) => error instanceof Answered && error.status === 401 && error.code === 20003,
    );
    assert.deepEqual(asked, ["satu"]);
  });

  function open(authToken: Secret = Secret.changing("TWILIO_AUTH_TOKEN", () => values)) {
    const client = new FetchClient(`http://127.0.0.1:${server.addr.port}`, { accountSid: "AC0", authToken });
    return async () => {
      const { statusCode } = await client.request({ method: "post", uri: URI, data: { Body: "Halo" } });
      return statusCode;
    };
  }
});

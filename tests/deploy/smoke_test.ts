import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { Rehearsal } from "./rehearsal.ts";

describe("The smoke test", () => {
  it("tries without a user what needs none, and says so", async () => {
    const rehearsal = new Rehearsal();
    rehearsal.smokeUser = undefined;
    assert.equal(await rehearsal.deploy(), 0);
    assert.deepEqual(rehearsal.asked.map(({ what }) => what), [
      "GET /openapi.json",
      "GET /stats",
      "POST /login",
    ]);
    assert.match(rehearsal.text, /not tried +what needs a user: set SMOKE_USERNAME and SMOKE_PASSWORD/);
  });

  it("stores nothing unless it is told to", async () => {
    const rehearsal = new Rehearsal();
    await rehearsal.deploy();
    const posted = rehearsal.asked.filter(({ what }) => what === "POST /penduduk");
    assert.deepEqual(posted.map(({ body }) => body), ["{}"]);
    assert.equal(rehearsal.asked.at(-1)?.what, "POST /logout");
  });

  it("tries again while the load balancer still answers for the old pods", async () => {
    let tries = 0;
    const rehearsal = new Rehearsal().answer(({ what }) => {
      return what === "GET /openapi.json" && ++tries < 4 ? new Response(null, { status: 503 }) : undefined;
    });
    assert.equal(await rehearsal.deploy(), 0);
    assert.equal(tries, 4);
  });

  it("ends when the user is refused, and never says the password", async () => {
    const rehearsal = new Rehearsal().answer(({ what, body }) => {
      return what === "POST /login" && body !== "{}"
        ? Response.json({ code: "WRONG_CREDENTIALS" }, { status: 401 })
        : undefined;
    });
    assert.equal(await rehearsal.deploy(), 1);
    assert.match(rehearsal.text, /login is refused, look at SMOKE_USERNAME and SMOKE_PASSWORD/);
    assert.ok(!rehearsal.text.includes("rahasia-uji"));
  });

  it("registers one person for all deployments, and waits until the statistics have moved", async () => {
    const counts = [7, 7, 7, 8];
    const rehearsal = new Rehearsal().answer(({ what, body }) => {
      if (what === "GET /stats/00") return Response.json({ jumlah: counts.shift() });
      if (what === "POST /penduduk" && body !== "{}") {
        return Response.json({ id: "01a2-b3" }, { status: 201 });
      }
      return what === "GET /penduduk/01a2-b3" ? Response.json({}) : undefined;
    });
    assert.equal(await rehearsal.deploy({ smokeRegistration: true }), 0, rehearsal.text);
    assert.match(rehearsal.text, /registration stores\n.*registry reads\n.*statistics moved/);
    assert.deepEqual(counts, []);
    assert.doesNotMatch(rehearsal.text, /\d{16}/);
  });

  it("takes it that this person is known for proof that the registry answers", async () => {
    const rehearsal = new Rehearsal().answer(({ what, body }) => {
      if (what === "GET /stats/00") return Response.json({ jumlah: 7 });
      return what === "POST /penduduk" && body !== "{}"
        ? Response.json({ code: "NIK_REGISTERED" }, { status: 409 })
        : undefined;
    });
    assert.equal(await rehearsal.deploy({ smokeRegistration: true }), 0, rehearsal.text);
    assert.match(rehearsal.text, /known +the synthetic person is there since an earlier deployment/);
  });
});

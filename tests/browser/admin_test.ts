import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import type { Browser } from "playwright-core";
import { PENDUDUK } from "../fixtures.ts";
import { eventually } from "../e2e/process.ts";
import { signIn } from "../e2e/client.ts";
import { launch, visit } from "./browser.ts";
import { startSystem, type TestSystem } from "./system.ts";

const [ujang, siti] = PENDUDUK;

describe("the page of admins and auditors", () => {
  let system: TestSystem;
  let browser: Browser;
  before(async () => {
    system = await startSystem();
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    await system?.stop();
  });

  it("counts a registration by the API within two seconds, in the total and at its province", async () => {
    const { page, context, faults } = await visit(browser, system.edge, { as: "admin", path: "#/statistik" });
    await page.locator(".stream-live").waitFor();
    const petugas = await signIn(system.edge, "petugas");
    assert.equal((await petugas.post("/penduduk", ujang)).status, 201);
    const begun = performance.now();
    await eventually("the total is 1", async () => await page.locator("#total").innerText() === "1", 2_000);
    const took = Math.round(performance.now() - begun);
    Deno.stdout.writeSync(new TextEncoder().encode(`statistics shown after ${took} ms\n`));
    assert.match(await page.getByRole("row", { name: /Jawa Barat/ }).innerText(), /^Jawa Barat\s+1\s/);
    await page.locator(".tile-1 title").getByText("Jawa Barat: 1").waitFor({ state: "attached" });
    assert.deepEqual(faults, []);
    await context.close();
  });

  it("sorts the provinces and exports all of them", async () => {
    const { page, context } = await visit(browser, system.edge, { as: "admin", path: "#/statistik" });
    const head = page.getByRole("columnheader", { name: "Provinsi" });
    await head.getByRole("button").click();
    assert.equal(await head.getAttribute("aria-sort"), "ascending");
    assert.equal(await page.getByRole("rowheader").first().innerText(), "Aceh");
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Unduh CSV" }).click(),
    ]);
    const csv = await Deno.readTextFile(await download.path());
    assert.equal(csv.trim().split("\r\n").length, 39);
    assert.match(csv, /^32,Jawa Barat,1,51316378,/m);
    await context.close();
  });

  it("shows the SMS to officers", async () => {
    const { page, context } = await visit(browser, system.edge, { as: "admin", path: "#/sms" });
    await page.getByRole("cell", { name: /Pendaftaran Baru/ }).waitFor();
    await context.close();
  });

  it("finds for an auditor who registered a person, by the NIK that it sends in no address", async () => {
    const { page, context } = await visit(browser, system.edge, { as: "auditor", path: "#/audit" });
    const urls: string[] = [];
    page.on("request", (request) => urls.push(request.url()));
    await page.getByLabel("NIK subjek").fill(ujang.nik);
    await page.getByRole("button", { name: "Cari", exact: true }).click();
    await page.getByRole("cell", { name: /penduduk\.daftar/ }).waitFor();
    assert.equal((await page.getByRole("table").innerText()).includes(ujang.nik), false);
    assert.equal(urls.some((url) => url.includes(ujang.nik)), false);
    await page.getByLabel("NIK subjek").fill(siti.nik);
    await page.getByRole("button", { name: "Cari", exact: true }).click();
    await page.getByText("Tidak ada jejak yang cocok").waitFor();
    await context.close();
  });

  it("shows nobody a view that is not theirs", async () => {
    const { page, context } = await visit(browser, system.edge, { as: "petugas", path: "#/statistik" });
    await page.getByRole("heading", { name: "Daftarkan penduduk" }).waitFor();
    assert.equal(await page.getByRole("link", { name: "Statistik" }).count(), 0);
    await context.close();
  });
});

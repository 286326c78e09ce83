import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import type { Browser } from "playwright-core";
import { PENDUDUK } from "../fixtures.ts";
import { eventually } from "../e2e/process.ts";
import { signIn } from "../e2e/client.ts";
import { launch, open, signIn as signInAt, visit } from "./browser.ts";
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

  it("draws the registrations of the last hours and days, and tells them in a table", async () => {
    const { page, context, faults } = await visit(browser, system.edge, { as: "admin", path: "#/statistik" });
    await page.getByRole("img", { name: /^Grafik batang Indonesia, 48 jam terakhir: 1 pendaftaran/ })
      .waitFor();
    await page.getByRole("button", { name: "Per hari" }).click();
    await page.getByRole("img", { name: /^Grafik batang Indonesia, 90 hari terakhir: 1 pendaftaran/ })
      .waitFor();
    await page.getByText("Lihat sebagai tabel").focus();
    await page.keyboard.press("Enter");
    const table = page.getByRole("table", { name: "90 hari terakhir" });
    assert.equal(await table.getByRole("rowheader").count(), 90);
    assert.match(await table.getByRole("row").nth(1).innerText(), /berjalan.*1$/s);
    assert.deepEqual(faults, []);
    await context.close();
  });

  it("compares two to five provinces, chosen by the keyboard and kept in the address", async () => {
    const { page, context, faults } = await visit(browser, system.edge, {
      as: "admin",
      path: "#/perbandingan/32,91",
      width: 360,
    });
    const link = await page.getByRole("link", { name: "Perbandingan" }).boundingBox() ?? assert.fail();
    assert.ok(link.x >= 0 && link.x + link.width <= 360, "the menu shows where one is");
    const table = page.getByRole("table");
    const measure = (name: string) => table.getByRole("row", { name }).first().innerText();
    await table.waitFor();
    assert.match(await measure("Terdaftar"), /Terdaftar\s+1\s+0$/);
    await page.getByRole("img", { name: /^Grafik batang Jawa Barat, 90 hari terakhir: 1 pendaftaran/ })
      .waitFor();
    await page.getByText("Papua: tidak ada pendaftaran").waitFor();
    for (const provinsi of ["Aceh", "Bali", "Riau"]) {
      await page.getByLabel("Tambah provinsi").focus();
      await page.keyboard.type(provinsi);
      await page.keyboard.press("Tab");
      await page.keyboard.press("Enter");
      await page.getByRole("button", { name: `Keluarkan ${provinsi}` }).waitFor();
    }
    await page.getByText("Paling banyak 5 provinsi").waitFor();
    assert.equal(new URL(page.url()).hash, "#/perbandingan/32,91,11,51,14");
    for (const provinsi of ["Aceh", "Bali", "Riau", "Papua"]) {
      await page.getByRole("button", { name: `Keluarkan ${provinsi}`, exact: true }).click();
    }
    await page.getByText("Pilih paling sedikit dua provinsi").waitFor();
    assert.equal(await page.evaluate("document.activeElement?.id"), "add");
    assert.deepEqual(faults, []);
    await context.close();
  });

  it("says what is wrong with a trace id where a trend cannot be read, and shows the rest", async () => {
    const { page, context } = await visit(browser, system.edge, { as: "admin", path: "#/daftar" });
    const problem = { type: "/docs#STORE_UNREADABLE", title: "Gagal membaca data", status: 503, detail: "-" };
    await page.route("**/stats/trend*", (route) =>
      route.fulfill({
        status: 503,
        headers: { "content-type": "application/problem+json; charset=utf-8" },
        body: JSON.stringify({ ...problem, code: "STORE_UNREADABLE", traceId: "0af7651916cd43dd" }),
      }));
    await open(page, "#/statistik");
    await page.getByRole("alert").getByText("0af7651916cd43dd").waitFor();
    await page.getByRole("heading", { name: "Peta provinsi" }).waitFor();
    await page.unroute("**/stats/trend*");
    await page.getByRole("button", { name: "Coba lagi" }).click();
    await page.getByRole("img", { name: /^Grafik batang Indonesia/ }).waitFor();
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

  it("asks nothing for an auditor that the edge would refuse them", async () => {
    const { page, context } = await visit(browser, system.edge);
    const refused: string[] = [];
    page.on("response", (answer) => {
      if (answer.status() === 403) refused.push(new URL(answer.url()).pathname);
    });
    await signInAt(page, "auditor");
    await page.getByRole("button", { name: "Cari", exact: true }).waitFor();
    await page.waitForLoadState("networkidle");
    assert.deepEqual(refused, []);
    await context.close();
  });

  it("shows nobody a view that is not theirs", async () => {
    const { page, context } = await visit(browser, system.edge, { as: "petugas", path: "#/statistik" });
    await page.getByRole("heading", { name: "Daftarkan penduduk" }).waitFor();
    assert.equal(await page.getByRole("link", { name: "Statistik" }).count(), 0);
    await context.close();
  });
});

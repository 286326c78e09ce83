import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import type { Browser } from "playwright-core";
import { signIn } from "../e2e/client.ts";
import { TELEPON } from "../fixtures.ts";
import { eventually } from "../e2e/process.ts";
import { launch, visit } from "./browser.ts";
import { bury } from "./population.ts";
import { startSystem, type TestSystem } from "./system.ts";

describe("the page of those who keep the system running", () => {
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

  it("says that there are no dead letters, and that every part runs", async () => {
    const { page, context, faults } = await visit(browser, system.edge, {
      as: "admin",
      path: "#/surat-gagal",
    });
    await page.getByText("Tidak ada surat gagal").waitFor();
    await page.getByRole("link", { name: "Sistem" }).click();
    await page.getByText("Semua bagian berjalan").waitFor();
    assert.equal(await page.getByRole("row").count(), 6);
    await page.getByRole("row", { name: /Pendaftaran.*Berjalan/ }).getByText("Basis data").waitFor();
    assert.deepEqual(faults, []);
    await context.close();
  });

  it("counts dead letters among what needs attention, and leads to them", async () => {
    await bury(system, 3);
    const { page, context } = await visit(browser, system.edge, { as: "admin", path: "#/sistem" });
    await page.getByText("Ada surat gagal yang menunggu keputusan Anda").waitFor();
    await page.getByRole("link", { name: "Lihat" }).click();
    await page.getByRole("heading", { name: "6 surat menunggu" }).waitFor();
    await context.close();
  });

  it("replays letters of one kind only after somebody said yes, by keyboard too", async () => {
    const { page, context, faults } = await visit(browser, system.edge, {
      as: "admin",
      path: "#/surat-gagal",
    });
    const button = page.getByRole("button", { name: /^Kirim ulang semua NOT_JSON kepada Statistik/ });
    await button.focus();
    await page.keyboard.press("Enter");
    await page.getByRole("dialog", { name: "Kirim ulang 3 surat?" }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    const focused = await page.evaluate<string>("document.activeElement.getAttribute('aria-label')");
    assert.equal(focused, await button.getAttribute("aria-label"), "the focus is back");
    assert.equal(await openLetters(), 6);
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Kirim ulang", exact: true }).first().press("Enter");
    await page.getByText("3 surat dikirim ulang").waitFor();
    // They cannot be read now either, so that they come back; those of the other group stay as they were.
    await eventually("they failed again", async () => await openLetters() === 6);
    await page.getByRole("button", { name: "Muat ulang" }).click();
    await page.getByRole("cell", { name: "2", exact: true }).or(
      page.getByRole("cell", { name: /Percobaan 2/ }),
    )
      .first().waitFor();
    assert.deepEqual(faults, []);
    await context.close();
  });

  it("says what to do, and by which number, when the letters cannot be read", async () => {
    const { page, context } = await visit(browser, system.edge, { as: "admin" });
    const traceId = "0af7651916cd43dd8448eb211c80319c";
    await page.route("**/surat-gagal?*", (route) =>
      route.fulfill({
        status: 503,
        contentType: "application/problem+json",
        headers: { "retry-after": "2" },
        body: JSON.stringify({
          code: "STORE_UNREADABLE",
          title: "Gagal membaca data",
          detail: "Data belum dapat dibaca; coba lagi sebentar lagi",
          status: 503,
          traceId,
        }),
      }));
    await page.getByRole("link", { name: "Surat gagal" }).click();
    await page.getByRole("alert").getByText("Gagal membaca data").waitFor();
    await page.getByRole("alert").getByText(traceId).waitFor();
    await page.unroute("**/surat-gagal?*");
    await page.getByRole("button", { name: "Coba lagi" }).click();
    await page.getByRole("heading", { name: "6 surat menunggu" }).waitFor();
    await context.close();
  });

  it("adds, corrects and removes an officer of a province, and shows no number whole", async () => {
    const { page, context, faults } = await visit(browser, system.edge, { as: "admin", path: "#/petugas" });
    const row = page.getByRole("row", { name: /^Bali/ });
    await row.getByRole("button", { name: /^Hapus/ }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Hapus" }).click();
    await page.getByText("Petugas dihapus").waitFor();
    await row.getByText("Nomor bawaan").waitFor();

    await row.getByRole("button", { name: "Tambah petugas Bali" }).click();
    await page.getByLabel("Nomor telepon").fill("110");
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").getByText("Tulis nomor seperti").waitFor();
    await page.getByLabel("Nomor telepon").fill(TELEPON[0]);
    await page.keyboard.press("Enter");
    await page.getByText("Petugas ditambahkan").waitFor();
    await row.getByText("901").waitFor();

    await row.getByRole("button", { name: /^Ganti/ }).click();
    await page.getByLabel("Nomor telepon").fill(TELEPON[1]);
    await page.getByRole("button", { name: "Simpan" }).click();
    await page.getByText("Nomor diganti").waitFor();
    await row.getByText("902").waitFor();
    const shown = await page.locator("main").innerText();
    for (const telepon of TELEPON) assert.ok(!shown.includes(telepon.slice(-6)), "a number is shown");
    assert.deepEqual(faults, []);
    await context.close();
  });

  it("shows neither to anybody who is no admin", async () => {
    const { page, context } = await visit(browser, system.edge, { as: "auditor", path: "#/sistem" });
    await page.getByRole("heading", { name: "Jejak audit" }).waitFor();
    assert.equal(await page.getByRole("link", { name: "Surat gagal" }).count(), 0);
    await context.close();
  });

  it("verifies the audit for an auditor, part by part, and says by whom and how far", async () => {
    const { page, context, faults } = await visit(browser, system.edge, {
      as: "auditor",
      path: "#/keutuhan",
    });
    await page.getByText("Belum pernah diperiksa").waitFor();
    await page.getByRole("button", { name: "Periksa yang baru" }).click();
    await page.getByText("Utuh: tidak ada yang diubah").waitFor();
    await page.getByText("Belum ada baris yang lebih tua dari dua menit").waitFor();
    assert.deepEqual(faults, []);
    await context.close();
  });

  it("goes on by itself until the last line, and shows where a chain is broken", async () => {
    const { page, context } = await visit(browser, system.edge, { as: "auditor" });
    const found = { what: "altered", place: "table row 01a2", writer: "01a2", seq: 7 };
    const parts = [{ complete: false, lines: 20_000 }, { complete: true, lines: 31_000, findings: [found] }];
    const bodies: unknown[] = [];
    await page.route("**/audit/chain", (route) => {
      const asked = route.request().method() === "POST";
      if (asked) bodies.push(route.request().postDataJSON());
      const at = "2026-11-23T00:00:00.000Z";
      const latest = { at, actor: "01a2", beganAt: at, until: at, findings: [], ...parts[bodies.length - 1] };
      return route.fulfill({ json: { latest: asked ? latest : null } });
    });
    await page.getByRole("link", { name: "Keutuhan" }).click();
    await page.getByRole("button", { name: "Periksa yang baru" }).click();
    await page.getByText("Rantai putus: 1 temuan").waitFor();
    await page.getByRole("cell", { name: "Isi baris diubah" }).waitFor();
    await page.getByText("31.000").waitFor();
    assert.deepEqual(bodies, [{ fromStart: false }, { fromStart: false }]);
    await context.close();
  });

  async function openLetters(): Promise<number> {
    const admin = await signIn(system.edge, "admin");
    return (await (await admin.get("/surat-gagal")).json()).open;
  }
});

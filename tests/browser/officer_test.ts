import { after, before, beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import type { Browser, Page, Response } from "playwright-core";
import { PENDUDUK } from "../fixtures.ts";
import { eventually } from "../e2e/process.ts";
import { signIn as signInByApi } from "../e2e/client.ts";
import { launch, open, visit, type Visitor } from "./browser.ts";
import { fill, submit } from "./form.ts";
import { startSystem, type TestSystem } from "./system.ts";

const [ujang, siti, marifah] = PENDUDUK;

describe("the page of officers", () => {
  let system: TestSystem;
  let browser: Browser;
  let visitor: Visitor;
  let page: Page;
  before(async () => {
    system = await startSystem();
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    await system?.stop();
  });
  beforeEach(async () => {
    // The registrations of one test must not be those of another.
    await visitor?.context.close();
    await removeAll(system.edge, ids);
    visitor = await visit(browser, system.edge, { as: "petugas", path: "#/daftar" });
    page = visitor.page;
    page.on("response", (answer) => void remember(answer));
  });
  const ids: string[] = [];
  const remember = async (answer: Response) => {
    if (answer.request().method() === "POST" && answer.status() === 201) ids.push((await answer.json()).id);
  };

  it("registers: what the NIK says is shown, and the receipt has tracking code and QR code", async () => {
    await page.getByLabel("NIK", { exact: true }).fill(siti.nik);
    const facts = page.getByRole("region", { name: "Terbaca dari NIK" });
    await facts.getByText("15 Mei 1985").waitFor();
    await facts.getByText("Perempuan").waitFor();
    await facts.getByText("Jakarta Pusat").waitFor();
    await fill(page, siti);
    await submit(page);
    const receipt = page.getByRole("region", { name: "Bukti pendaftaran" });
    await receipt.getByRole("img", { name: /QR/ }).waitFor();
    const code = await receipt.locator("code").innerText();
    assert.match(code, /^[0-9a-f]{8}-[0-9a-f-]{27}$/);
    assert.equal((await receipt.innerText()).includes(siti.nik), false, "the receipt masks the NIK");
    assert.equal(await focused(page), "receipt");
    await page.getByRole("region", { name: "Pendaftaran Anda hari ini" }).getByText(siti.nama).waitFor();
    await open(page, `#/pendaftaran/${code}`);
    await page.getByRole("region", { name: "Bukti pendaftaran" }).getByText(siti.nama).waitFor();
    assert.deepEqual(visitor.faults, []);
  });

  it("shows every error at its field and goes to the first, and a registered NIK at the NIK", async () => {
    await submit(page);
    assert.equal(await page.locator(".field-error").count(), 4);
    assert.equal(await focused(page), "nik");
    await page.getByLabel("NIK", { exact: true }).fill("99");
    await page.locator("#nik-error").getByText("kode provinsi").waitFor();
    await fill(page, ujang);
    await submit(page);
    await page.getByRole("button", { name: "Daftarkan berikutnya" }).click();
    await fill(page, ujang);
    await submit(page);
    await page.locator("#nik-error").waitFor();
    assert.equal(await page.getByLabel("Nama lengkap").inputValue(), ujang.nama, "nothing typed is lost");
  });

  it("registers by the keyboard alone", async () => {
    await page.getByLabel("NIK", { exact: true }).focus();
    await page.keyboard.type(ujang.nik);
    await page.keyboard.press("Tab");
    await page.keyboard.type(ujang.nama);
    await page.keyboard.press("Tab");
    await page.keyboard.type(ujang.alamat);
    await page.keyboard.press("Tab");
    await page.keyboard.type("jawa");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("Enter");
    const chosen = page.getByRole("combobox", { name: "Provinsi pendaftaran" });
    assert.equal(await chosen.inputValue(), "Jawa Barat");
    assert.equal(await chosen.getAttribute("aria-expanded"), "false");
    await page.keyboard.press("Enter");
    await page.getByText("Pendaftaran berhasil").waitFor();
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await eventually("the next form has the focus", async () => await focused(page) === "nik");
  });

  it("keeps three registrations while there is no network, and sends each once when there is", async () => {
    const statuses: number[] = [];
    const keys: string[] = [];
    page.on("response", (answer) => {
      if (answer.request().method() !== "POST" || !answer.url().endsWith("/penduduk")) return;
      statuses.push(answer.status());
      keys.push(answer.request().headers()["idempotency-key"] ?? "");
    });
    await visitor.context.setOffline(true);
    await page.getByText("Anda luring").waitFor();
    for (const person of [ujang, siti, marifah]) {
      await fill(page, person);
      await submit(page);
      await page.getByText("Tersimpan di antrean").waitFor();
      await page.getByRole("region", { name: "Antrean" }).getByText(person.nama).waitFor();
    }
    await visitor.context.setOffline(false);
    await eventually("the three are registered", () => Promise.resolve(statuses.length >= 3));
    await page.getByRole("region", { name: "Antrean" }).waitFor({ state: "detached" });
    assert.deepEqual(statuses, [201, 201, 201]);
    assert.equal(new Set(keys).size, 3);
    assert.equal(
      await page.getByRole("region", { name: "Pendaftaran Anda hari ini" }).getByRole("listitem").count(),
      3,
    );
  });

  it("lists what the officer registered elsewhere today, and leads from there to the receipt", async () => {
    const petugas = await signInByApi(system.edge, "petugas");
    const { id } = await (await petugas.post("/penduduk", marifah)).json();
    ids.push(id);
    await fill(page, ujang);
    await submit(page);
    const today = page.getByRole("region", { name: "Pendaftaran Anda hari ini" });
    await eventually("both are listed", async () => await today.getByRole("listitem").count() === 2);
    assert.match(await today.getByRole("listitem").first().innerText(), new RegExp(ujang.nama));
    assert.equal((await today.innerText()).includes(marifah.nik), false, "the list masks the NIK");
    await today.getByRole("button", { name: marifah.nama }).click();
    await page.getByRole("region", { name: "Bukti pendaftaran" }).getByText(id).waitFor();
    await visitor.context.setOffline(true);
    await page.getByText("Anda luring").waitFor();
    assert.equal(await today.getByRole("listitem").count(), 2);
  });

  it("doubles nothing when the answer to a registration was lost", async () => {
    let lost = 0;
    await page.route("**/penduduk", async (route) => {
      if (lost++ > 0) return await route.continue();
      const { id } = await (await route.fetch()).json();
      ids.push(id);
      await route.abort("connectionreset");
    });
    await fill(page, ujang);
    await submit(page);
    await page.getByText("Tersimpan di antrean").waitFor();
    await page.getByRole("button", { name: "Kirim sekarang" }).click();
    const today = page.getByRole("region", { name: "Pendaftaran Anda hari ini" });
    await today.getByText(ujang.nama).waitFor();
    assert.equal(await today.getByRole("listitem").count(), 1);
    assert.equal(new Set(ids).size, 1, "it is the registration of the first try");
  });

  it("keeps the draft over a reload, with nothing of it in clear and no token in any storage", async () => {
    await page.getByLabel("Nama lengkap").fill(ujang.nama);
    await eventually("the draft is stored", async () => (await stored(page)).includes("/draft"));
    const everything = await stored(page);
    assert.equal(everything.includes(ujang.nama), false);
    assert.doesNotMatch(everything, /eyJ/);
    await page.reload();
    await page.getByLabel("Nama lengkap").waitFor();
    await eventually(
      "the draft is back, and nobody asked for a password",
      async () => await page.getByLabel("Nama lengkap").inputValue() === ujang.nama,
    );
  });

  it("counts the seconds down when the service asks to wait", async () => {
    const problem = { type: "/docs#RATE_LIMITED", title: "Terlalu banyak permintaan", status: 429 };
    await page.route("**/penduduk/*", (route) =>
      route.fulfill({
        status: 429,
        headers: { "content-type": "application/problem+json; charset=utf-8", "retry-after": "2" },
        body: JSON.stringify({ ...problem, detail: "-", code: "RATE_LIMITED", traceId: "0af7651916cd43dd" }),
      }));
    await open(page, "#/pendaftaran/01a204bf-6d31-7403-9d86-821ff838d981");
    await page.getByText("Terlalu banyak permintaan").waitFor();
    await page.getByText("0af7651916cd43dd").waitFor();
    const again = page.getByRole("button", { name: "Coba lagi" });
    assert.equal(await again.isDisabled(), true);
    await eventually("the wait is over", () => again.isEnabled(), 5_000);
  });

  it("says that the session ended, and keeps what was typed", async () => {
    await page.route("**/token", (route) => route.fulfill({ status: 400, json: { error: "invalid_grant" } }));
    await page.route("**/penduduk", (route) => route.fulfill({ status: 401, body: "" }));
    await fill(page, ujang);
    await submit(page);
    await page.getByRole("alert").getByText("Sesi Anda berakhir").waitFor();
    await page.getByRole("region", { name: "Antrean" }).getByText(ujang.nama).waitFor();
  });
});

/** All that the browser keeps for the page: names and values, of bytes the letters. */
function stored(page: Page): Promise<string> {
  return page.evaluate<string>(`(async () => {
    const done = (request) => new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    const database = await done(indexedDB.open("portal", 1));
    const values = () => database.transaction("values").objectStore("values");
    const names = await done(values().getAllKeys());
    const sealed = await done(values().getAll());
    database.close();
    const texts = sealed.map(({ data }) => new TextDecoder("latin1").decode(data));
    return JSON.stringify([names, texts, { ...localStorage }, { ...sessionStorage }]);
  })()`);
}

function focused(page: Page): Promise<string> {
  return page.evaluate<string>("document.activeElement?.id ?? ''");
}

/** By an admin, so that the same people can be registered again. */
async function removeAll(edge: string, ids: string[]): Promise<void> {
  const { authorization } = await signInByApi(edge, "admin");
  for (const id of new Set(ids.splice(0))) {
    const answer = await fetch(`${edge}/penduduk/${id}`, { method: "DELETE", headers: { authorization } });
    await answer.body?.cancel();
  }
}

import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import type { Browser, Page, Route } from "playwright-core";
import { PENDUDUK } from "../fixtures.ts";
import { signIn } from "../e2e/client.ts";
import { launch, open, visit } from "./browser.ts";
import { fill, submit } from "./form.ts";
import { startSystem, type TestSystem } from "./system.ts";

const [ujang, siti, marifah] = PENDUDUK;

describe("the page, whoever uses it", () => {
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

  it("lets residents register and find what they registered, and nothing of others", async () => {
    const petugas = await signIn(system.edge, "petugas");
    const { id: other } = await (await petugas.post("/penduduk", ujang)).json();
    const { page, context, faults } = await visit(browser, system.edge, { as: "warga" });
    const links = page.getByRole("navigation").getByRole("link");
    assert.deepEqual(await links.allInnerTexts(), ["Daftarkan", "Cari pendaftaran"]);
    await fill(page, siti);
    await submit(page);
    const receipt = page.getByRole("region", { name: "Bukti pendaftaran" });
    const own = await receipt.locator("code").innerText();
    await open(page, `#/pendaftaran/${own}`);
    await receipt.getByText(siti.nama).waitFor();
    await open(page, `#/pendaftaran/${other}`);
    await page.getByRole("alert").getByText("Tidak ditemukan").waitFor();
    assert.equal((await page.innerText("body")).includes(ujang.nama), false);
    assert.deepEqual(faults, []);
    await context.close();
  });

  it("speaks English when asked to, numbers and dates too, and remembers it", async () => {
    const { page, context, faults } = await visit(browser, system.edge, { as: "petugas", path: "#/daftar" });
    await page.getByRole("button", { name: /English/ }).click();
    await page.getByRole("heading", { name: "Register a resident" }).waitFor();
    assert.equal(await language(page), "en");
    await page.getByLabel("NIK", { exact: true }).fill(siti.nik);
    await page.getByText("May 15, 1985").waitFor();
    await page.getByRole("button", { name: "Register", exact: true }).click();
    await page.locator("#nama-error").getByText("Required").waitFor();
    await page.reload();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("button", { name: "Sign in" }).waitFor();
    await page.getByRole("button", { name: /Indonesia/ }).click();
    await page.getByRole("button", { name: "Masuk" }).waitFor();
    assert.equal(await language(page), "id");
    assert.deepEqual(faults, []);
    await context.close();
  });

  it("says what is not available, by which number, and shows it when asked again later", async () => {
    const { page, context } = await visit(browser, system.edge, { as: "admin", path: "#/sms" });
    await page.getByRole("heading", { name: "SMS kepada petugas" }).waitFor();
    await page.route("**/penduduk/*", (route) => unavailable(route));
    const petugas = await signIn(system.edge, "petugas");
    const { id } = await (await petugas.post("/penduduk", marifah)).json();
    await open(page, `#/pendaftaran/${id}`);
    const notice = page.getByRole("alert");
    await notice.getByText(TITLE).waitFor();
    await notice.getByText(TRACE).waitFor();
    await page.unroute("**/penduduk/*");
    await notice.getByRole("button", { name: "Coba lagi" }).click();
    await page.getByRole("region", { name: "Bukti pendaftaran" }).getByText(marifah.nama).waitFor();
    await context.close();
  });

  it("keeps a registration that met a 503, and sends it again by itself under the same key", async () => {
    const { page, context } = await visit(browser, system.edge, { as: "petugas", path: "#/daftar" });
    const keys: (string | undefined)[] = [];
    await page.route("**/penduduk", (route) => {
      keys.push(route.request().headers()["idempotency-key"]);
      return keys.length === 1 ? unavailable(route, { "retry-after": "1" }) : route.continue();
    });
    const person = { ...ujang, nik: ujang.nik.replace(/9991$/, "9989") };
    await fill(page, person);
    await submit(page);
    await page.getByRole("region", { name: "Antrean" }).getByText(TITLE).waitFor();
    await page.getByRole("region", { name: "Antrean" }).waitFor({ state: "detached" });
    await page.getByRole("region", { name: "Pendaftaran Anda hari ini" }).getByText(person.nama).first()
      .waitFor();
    assert.equal(keys.length, 2);
    assert.ok(keys[0]);
    assert.equal(keys[1], keys[0]);
    await context.close();
  });
});

const TITLE = "Layanan di belakang sedang tidak tersedia";
const TRACE = "0af7651916cd43dd8448eb211c80319c";

/** As the edge answers while a breaker is open. */
async function unavailable(route: Route, headers: Readonly<Record<string, string>> = {}): Promise<void> {
  const code = "UPSTREAM_UNAVAILABLE";
  const problem = { type: `/docs#${code}`, title: TITLE, status: 503, detail: "-", code, traceId: TRACE };
  await route.fulfill({
    status: 503,
    headers: { "content-type": "application/problem+json; charset=utf-8", ...headers },
    body: JSON.stringify(problem),
  });
}

function language(page: Page): Promise<string> {
  return page.evaluate<string>("document.documentElement.lang");
}

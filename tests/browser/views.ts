import type { Page } from "playwright-core";
import { PENDUDUK } from "../fixtures.ts";
import { fill, submit } from "./form.ts";

/** Every view of the page, and the states that somebody sees in it. */
export const VIEWS: readonly View[] = [
  { name: "welcome", prepare: (page) => page.getByRole("button", { name: "Masuk" }).waitFor() },
  {
    name: "sign-in",
    async prepare(page) {
      await page.getByRole("button", { name: "Masuk" }).click();
      await page.getByLabel("Kata sandi").waitFor();
    },
  },
  {
    name: "sign-in-wrong",
    async prepare(page) {
      await page.getByRole("button", { name: "Masuk" }).click();
      await page.getByLabel("Nama pengguna").fill("petugas");
      await page.getByLabel("Kata sandi").fill("salah");
      await page.getByRole("button", { name: "Masuk" }).click();
      await page.getByRole("alert").waitFor();
    },
  },
  { name: "register", as: "petugas", path: "#/daftar", prepare: (page) => fill(page, PENDUDUK[2]) },
  {
    name: "register-errors",
    as: "petugas",
    path: "#/daftar",
    async prepare(page) {
      await submit(page);
      await page.locator(".field-error").first().waitFor();
    },
  },
  {
    name: "register-queue",
    as: "petugas",
    path: "#/daftar",
    async prepare(page) {
      await page.getByLabel("NIK", { exact: true }).waitFor();
      await page.context().setOffline(true);
      await fill(page, PENDUDUK[1]);
      await submit(page);
      await page.getByRole("region", { name: "Antrean" }).waitFor();
    },
  },
  {
    name: "receipt",
    as: "petugas",
    path: "#/daftar",
    async prepare(page) {
      await fill(page, { ...PENDUDUK[0], nik: unused(PENDUDUK[0].nik) });
      await submit(page);
      await page.getByRole("img", { name: /QR/ }).waitFor();
    },
  },
  {
    name: "look-missing",
    as: "petugas",
    path: "#/pendaftaran/01a204bf-6d31-7403-9d86-821ff838d981",
    prepare: (page) => page.getByRole("alert").waitFor(),
  },
  {
    name: "statistics",
    as: "admin",
    path: "#/statistik",
    async prepare(page) {
      await page.locator(".stream-live").waitFor();
      await page.getByText("Menurut dasawarsa kelahiran").waitFor();
      await page.getByRole("img", { name: /Grafik batang Indonesia/ }).waitFor();
      await page.getByText("Lihat sebagai tabel").click();
    },
  },
  {
    name: "comparison",
    as: "admin",
    path: "#/perbandingan/32,31,91,51,35",
    prepare: (page) => page.getByRole("img", { name: /Grafik batang Jawa Timur/ }).waitFor(),
  },
  {
    name: "comparison-few",
    as: "admin",
    path: "#/perbandingan/32",
    prepare: (page) => page.getByText("Pilih paling sedikit dua provinsi").waitFor(),
  },
  { name: "sms", as: "admin", path: "#/sms", prepare: (page) => page.getByRole("table").waitFor() },
  {
    name: "officers",
    as: "admin",
    path: "#/petugas",
    prepare: (page) => page.getByRole("table").waitFor(),
  },
  {
    name: "officers-number",
    as: "admin",
    path: "#/petugas",
    async prepare(page) {
      await page.getByRole("button", { name: "Tambah petugas Aceh" }).click();
      await page.getByRole("button", { name: "Simpan" }).click();
      await page.locator(".field-error").waitFor();
    },
  },
  {
    name: "letters",
    as: "admin",
    path: "#/surat-gagal",
    prepare: (page) => page.getByRole("table").last().waitFor(),
  },
  {
    name: "letters-confirm",
    as: "admin",
    path: "#/surat-gagal",
    async prepare(page) {
      await page.getByRole("button", { name: /^Kirim ulang semua/ }).first().click();
      await page.getByRole("dialog").waitFor();
    },
  },
  { name: "system", as: "admin", path: "#/sistem", prepare: (page) => page.getByRole("table").waitFor() },
  {
    name: "chain",
    as: "auditor",
    path: "#/keutuhan",
    async prepare(page) {
      await page.getByRole("button", { name: /^Periksa/ }).first().click();
      await page.getByText("Utuh: tidak ada").waitFor();
    },
  },
  {
    name: "audit",
    as: "auditor",
    path: "#/audit",
    async prepare(page) {
      await page.getByLabel("Tindakan").selectOption("penduduk.daftar");
      await page.getByRole("button", { name: "Cari", exact: true }).click();
      await page.getByRole("table").waitFor();
    },
  },
];

export interface View {
  readonly name: string;
  /** The user who is signed in. */
  readonly as?: string;
  readonly path?: string;
  /** Leads from the page at `path` to what is to be seen. */
  readonly prepare: (page: Page) => Promise<void>;
}

let serial = 9990;
/** The receipt is made once in each scheme, of people who are in no other test. */
function unused(nik: string): string {
  return `${nik.slice(0, 8)}${nik.slice(8, 12)}${--serial}`;
}

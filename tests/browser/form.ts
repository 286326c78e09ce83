import type { Page } from "playwright-core";

export async function fill(page: Page, person: Person): Promise<void> {
  await page.getByLabel("NIK", { exact: true }).fill(person.nik);
  await page.getByLabel("Nama lengkap").fill(person.nama);
  await page.getByLabel("Alamat").fill(person.alamat);
  await page.getByRole("combobox", { name: "Provinsi pendaftaran" }).fill(person.provinsi);
  await page.keyboard.press("Enter");
}

export async function submit(page: Page): Promise<void> {
  await page.locator("form").getByRole("button", { name: "Daftarkan" }).click();
}

export interface Person {
  readonly nik: string;
  readonly nama: string;
  readonly alamat: string;
  readonly provinsi: string;
}

import { join } from "node:path";
import { PROVINSI } from "../../../shared/penduduk/provinsi.ts";

/** Writes what penduduk.lua and registration.js read, "32 Jawa Barat" a line; answers the file. */
export async function writeProvinces(folder: string): Promise<string> {
  const file = join(folder, "provinces");
  await Deno.writeTextFile(file, PROVINSI.map(({ kode, nama }) => `${kode} ${nama}`).join("\n"));
  return file;
}

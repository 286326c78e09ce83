import type { Nik } from "./nik.ts";

/**
 * The one person that is registered to try a deployment, and taken out again at once (ops/deploy/smoke.ts). It passes
 * the whole way like any other, but nobody is told of it. A serial as high as this one is never issued: it would be the
 * ten-thousandth birth of one day in one district.
 */
export const SYNTHETIC = {
  nik: "3171010101019990",
  nama: "Uji Penyebaran",
  alamat: "Jalan Uji Nomor 0",
  provinsi: "DKI Jakarta",
};

export function isSynthetic(nik: Nik): boolean {
  return nik === SYNTHETIC.nik;
}

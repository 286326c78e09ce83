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

/** The same for the probe, each minute (workers/probe/): another person, so that the two are never in each other's way. */
export const SYNTHETIC_PROBE = { ...SYNTHETIC, nik: "3171010101019991", nama: "Uji Berkala" };

export function isSynthetic(nik: Nik): boolean {
  return nik === SYNTHETIC.nik || nik === SYNTHETIC_PROBE.nik;
}

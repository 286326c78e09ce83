/**
 * People that do not exist, for tests. `tests/run.ts` searches everything a test run printed for these values: take
 * them from here, so that a leak is seen. Serials from 9990 on are never issued, nor are numbers that begin with 0800000.
 */
export const PENDUDUK = [
  {
    nik: "3201010101909991",
    nama: "Ujang Sintetis Percobaan",
    alamat: "Jalan Karangan Nomor 1",
    provinsi: "Jawa Barat",
  },
  {
    nik: "3171015505859992",
    nama: "Siti Fiktif Rekaan",
    alamat: "Gang Contoh Buatan 22",
    provinsi: "DKI Jakarta",
  },
  {
    nik: "9101016012009993",
    nama: "Ma'rifah D'Rekayasa",
    alamat: "Kampung Angan-Angan RT 03",
    provinsi: "Papua Selatan",
  },
] as const;

/** Officers who get an SMS. */
export const TELEPON = ["+6280000099901", "+6280000099902"] as const;

/** What must never be printed. */
export const PERSONAL: readonly string[] = [
  ...PENDUDUK.flatMap(({ nik, nama, alamat }) => [nik, nama, alamat]),
  ...TELEPON,
];

import * as z from "zod";

const text = (longest: number) =>
  z.string().min(1, "Wajib diisi").max(longest, `Paling banyak ${longest} karakter`);

export const LoginInput = z.strictObject({
  // The identity provider knows nobody of such a name, and may not bear the question.
  username: text(100).regex(/^[ -~\u00a0-\uffff]*$/, "Tidak boleh memuat karakter kendali").meta({
    description: "Nama pengguna",
    example: "petugas",
  }),
  password: text(200).meta({ description: "Kata sandi", example: "petugas-rahasia" }),
}).meta({ id: "LoginInput", description: "Kredensial" });

export const RefreshInput = z.strictObject({
  refresh_token: text(4096).meta({ description: "Token penyegar dari jawaban masuk" }),
}).meta({ id: "RefreshInput", description: "Sesi yang diperbarui atau diakhiri" });

export const TokensAnswer = z.object({
  access_token: z.string().meta({ description: "Kirim sebagai `Authorization: Bearer …`" }),
  expires_in: z.int().meta({ description: "Masa berlaku dalam detik", example: 300 }),
  refresh_token: z.string().meta({ description: "Untuk satu kali POST /refresh" }),
  token_type: z.literal("Bearer"),
}).meta({ id: "Tokens", description: "Token akses dan token penyegar" });

export const ProtectedAnswer = z.object({ message: z.literal("Akses diotorisasi") }).meta({
  id: "Protected",
});

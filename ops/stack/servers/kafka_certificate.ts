import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Place } from "../server.ts";

/** Makes, once, the certificate by which the brokers speak TLS: signed by itself, and good for 127.0.0.1 alone. */
export async function makeCertificate(place: Place): Promise<void> {
  const { keyStore, pem } = certificateOf(place);
  if (existsSync(pem)) return;
  await Deno.remove(keyStore).catch(ignoreNotFound);
  const store = ["-keystore", keyStore, "-storetype", "PKCS12", "-storepass", KEY_STORE_PASSWORD];
  const subject = ["-dname", "CN=kafka", "-ext", "san=ip:127.0.0.1,dns:localhost", "-validity", "3650"];
  await place.run("keytool", ["-genkeypair", "-alias", "kafka", "-keyalg", "EC", ...subject, ...store]);
  await place.run("keytool", ["-exportcert", "-rfc", "-alias", "kafka", "-file", pem, ...store]);
}

export function certificateOf({ programs }: Pick<Place, "programs">): Certificate {
  return { keyStore: join(programs, "certificate.p12"), pem: join(programs, "certificate.pem") };
}

export interface Certificate {
  /** Key and certificate, for the brokers. */
  readonly keyStore: string;
  /** The certificate, for clients to trust. */
  readonly pem: string;
}

export const KEY_STORE_PASSWORD = "kafka-rahasia";

function ignoreNotFound(error: unknown): void {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}

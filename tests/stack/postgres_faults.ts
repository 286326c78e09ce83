import { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import type { Fault } from "./fault_server.ts";

/**
 * Just enough of PostgreSQL's protocol to be let in and to answer one query with one row of text: a server of any
 * version. https://www.postgresql.org/docs/18/protocol-message-formats.html
 */
export function postgresAnswering(row: Readonly<Record<string, string | boolean>>): Fault {
  const names = Object.keys(row);
  const columns = Object.entries(row).map(([name, value]) =>
    Buffer.concat([
      text(name),
      int32(0),
      int16(0),
      int32(typeof value === "boolean" ? BOOL : TEXT),
      ANY,
      int16(0),
    ])
  );
  const values = Object.values(row).map((value) => {
    const bytes = Buffer.from(typeof value === "string" ? value : value ? "t" : "f");
    return Buffer.concat([int32(bytes.length), bytes]);
  });
  return (socket) => {
    socket.once("data", () => {
      socket.write(LET_IN);
      socket.once("data", () =>
        socket.write(Buffer.concat([
          message("T", int16(names.length), ...columns),
          message("D", int16(names.length), ...values),
          message("C", text("SELECT 1")),
          READY,
        ])));
    });
  };
}

/** Lets everybody in and leaves. */
export function postgresHangingUp(socket: Socket): void {
  socket.once("data", () => socket.end(LET_IN));
}

/** Refuses everybody with a FATAL error of this SQLSTATE. */
export function postgresRefusing(code: string, words: string): Fault {
  const fields = [`SFATAL`, `VFATAL`, `C${code}`, `M${words}`].map(text);
  return (socket) => void socket.once("data", () => socket.end(message("E", ...fields, Buffer.of(0))));
}

/** Goes over to TLS with this certificate when asked to. */
export function postgresWithCertificate(certificate: { key: string; cert: string }): Fault {
  return (socket) =>
    void socket.once("data", () => {
      socket.write("S");
      new TLSSocket(socket, { isServer: true, ...certificate }).on("error", () => socket.destroy());
    });
}

/** A certificate that nobody has signed but itself. */
export async function selfSigned(): Promise<{ key: string; cert: string }> {
  const folder = await Deno.makeTempDir();
  try {
    const [key, cert] = [`${folder}/key.pem`, `${folder}/cert.pem`];
    const kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
    const { success } = await new Deno.Command("openssl", {
      args: ["req", "-x509", ...kind, "-keyout", key, "-out", cert, "-subj", "/CN=localhost", "-days", "2"],
      stderr: "null",
    }).output();
    if (!success) throw new Error("Cannot make a certificate with openssl");
    return { key: await Deno.readTextFile(key), cert: await Deno.readTextFile(cert) };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function message(type: string, ...parts: readonly Buffer[]): Buffer {
  const payload = Buffer.concat(parts);
  return Buffer.concat([Buffer.from(type), int32(payload.length + 4), payload]);
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

const text = (value: string) => Buffer.from(`${value}\0`);
/** Of pg_type. */
const BOOL = 16;
const TEXT = 25;
/** Of any length, without a modifier. */
const ANY = Buffer.concat([int16(-1), int32(-1)]);
const READY = message("Z", Buffer.from("I"));
const LET_IN = Buffer.concat([message("R", int32(0)), READY]);

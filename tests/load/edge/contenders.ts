import { join } from "node:path";
import { exportSPKI, importJWK } from "jose";
import { z } from "zod";
import { run } from "../../../ops/deploy/run.ts";
import { DEVELOPMENT_SECRETS } from "../../../shared/adapters/embedded/identity/development_secrets.ts";
import { claimPort } from "../../faults/system/ports.ts";
import { type BenchProcess, startProcess } from "../machine/process.ts";
import type { Context, Processes } from "../scenario.ts";
import { haproxyConfiguration } from "./haproxy.ts";

/** Ours, and those of the others that are there; says which is not. */
export async function contendersFor(context: Context, world: World): Promise<readonly Contender[]> {
  const ours: Contender = {
    name: "ours",
    async start() {
      const { pid, url, end } = await context.startPart("edge", variables(world));
      return { url, processes: { edge: pid }, end };
    },
  };
  const key = join(context.folder, "key.pem");
  const { alg, pem } = await publishedKey(world.identity);
  await Deno.writeTextFile(key, pem);
  const others = alg === "RS256"
    ? await Promise.all([haproxy(context, world, key), fastify(context, world, key)])
    : [];
  return [ours, ...others.flatMap((other) => other ?? [])];
}

export interface Contender {
  readonly name: string;
  start(): Promise<Started>;
  readonly note?: string;
}

export interface Started {
  readonly url: string;
  readonly processes: Processes;
  end(): Promise<void>;
}

interface World {
  readonly identity: string;
  readonly origin: string;
}

function variables({ identity, origin }: World) {
  return {
    KEYCLOAK_URL: identity,
    GOV_GATEWAY_SECRET: DEVELOPMENT_SECRETS["GOV_GATEWAY_SECRET"] ?? "",
    RATE_LIMIT_PER_MINUTE: String(LIMIT),
    ...{ AUTH_URL: origin, REGISTRATION_URL: origin, STATISTICS_URL: origin, NOTIFICATION_URL: origin },
  };
}

async function haproxy(context: Context, world: World, key: string): Promise<Contender | undefined> {
  if (!await isThere("haproxy", ["-v"])) return absent(context, "HAProxy", "apt-get install haproxy");
  return {
    name: "HAProxy",
    note: "one thread, jwt_verify, stick table",
    async start() {
      const port = claimPort();
      const file = join(context.folder, "haproxy.cfg");
      const issuer = `${world.identity}/realms/gov-realm`;
      await Deno.writeTextFile(
        file,
        haproxyConfiguration({ port, issuer, key, origin: new URL(world.origin).host, limit: LIMIT }),
      );
      return one(port, await start(context, `haproxy-${port}`, port, "haproxy", ["-db", "-f", file]));
    },
  };
}

/** With the packages of fastify/package.json, installed once into the folder of this run. */
async function fastify(context: Context, world: World, key: string): Promise<Contender | undefined> {
  if (!await isThere("node", ["--version"])) return absent(context, "Fastify", "install Node.js");
  const folder = join(context.folder, "fastify");
  await Deno.mkdir(folder);
  for (const name of ["package.json", "server.mjs"]) {
    await Deno.copyFile(join(FASTIFY, name), join(folder, name));
  }
  const installed = await run("npm", ["install", "--no-audit", "--no-fund"], {
    cwd: folder,
    withinMs: 120_000,
  });
  if (installed.kind !== "ended" || installed.code !== 0) {
    return absent(context, "Fastify", "let npm reach its registry");
  }
  return {
    name: "Fastify",
    note: "http-proxy, jwt, rate-limit; Node",
    async start() {
      const port = claimPort();
      const issuer = `${world.identity}/realms/gov-realm`;
      const args = [join(folder, "server.mjs"), String(port), world.origin, issuer, key, String(LIMIT)];
      return one(port, await start(context, `fastify-${port}`, port, "node", args));
    },
  };
}

async function start(
  { folder }: Context,
  name: string,
  port: number,
  command: string,
  args: readonly string[],
): Promise<BenchProcess> {
  const ready = (signal: AbortSignal) => refuses(`http://127.0.0.1:${port}/protected`, signal);
  return await startProcess({ name, logs: folder, command, args, ready });
}

/** Without a token: 401 shows that it listens and looks. */
async function refuses(url: string, signal: AbortSignal): Promise<boolean> {
  const response = await fetch(url, { signal });
  await response.body?.cancel();
  return response.status === 401;
}

function one(port: number, process: BenchProcess): Started {
  return {
    url: `http://127.0.0.1:${port}`,
    processes: { only: process.pid },
    end: () => process.end(),
  };
}

async function publishedKey(identity: string): Promise<{ alg: string; pem: string }> {
  const url = `${identity}/realms/gov-realm/protocol/openid-connect/certs`;
  const response = await fetch(url, { signal: AbortSignal.timeout(10_000) });
  const [jwk] = Jwks.parse(await response.json()).keys;
  if (!jwk) throw new Error(`No signing key is published at "${url}"`);
  const key = await importJWK(jwk, jwk.alg);
  if (key instanceof Uint8Array) throw new Error(`A secret is published as a key at "${url}"`);
  return { alg: jwk.alg, pem: await exportSPKI(key) };
}

async function isThere(command: string, args: readonly string[]): Promise<boolean> {
  return (await run(command, args)).kind === "ended";
}

function absent({ say }: Context, name: string, remedy: string): undefined {
  say(`Not compared: ${name} is not there: ${remedy}`);
}

const Jwks = z.object({ keys: z.array(z.looseObject({ alg: z.string(), kty: z.string() })) });
const FASTIFY = join(import.meta.dirname ?? "", "fastify");
/** High enough that nobody is refused: what is measured is the counting. */
const LIMIT = 50_000;

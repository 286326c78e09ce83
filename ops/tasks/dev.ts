import { join } from "node:path";
import { getLogger } from "@logtape/logtape";
import { startEdge } from "../../edge/main.ts";
import { handledBy } from "../../edge/upstream/origin.ts";
import { PORTAL_FOLDER } from "../../shared/adapters/file/portal_folder.ts";
import { type Config, toConfig } from "../../shared/config/config.ts";
import { type Environment, readEnvironment } from "../../shared/config/environment.ts";
import { stackVariables } from "../../shared/config/stack_file.ts";
import { explainAndExit } from "../../shared/runtime/explain.ts";
import { createOperations } from "../../shared/runtime/operations.ts";
import { openPlatform, type Platform } from "../../shared/runtime/platform.ts";
import { claimPort } from "../../shared/runtime/port.ts";
import type { Service } from "../../shared/runtime/service.ts";
import { runProcess, type Started } from "../../shared/runtime/stop.ts";
import { configureLogging, type LiveLogLevels } from "../../shared/telemetry/logging.ts";
import { type Fleet, startFleet } from "../../workers/fleet.ts";
import { startProbe } from "../../workers/probe/main.ts";
import { ensurePortal } from "../portal/build.ts";
import { banner } from "./dev/banner.ts";
import { appointDemoOfficers } from "./dev/demo_officers.ts";
import { checkedOut } from "./dev/revision.ts";
import { type Embedded, startEmbedded } from "./embedded.ts";
import { reconcile } from "./reconcile.ts";

/**
 * `deno task dev [--stack] [--probe]`: the edge and all workers in one process, on embedded servers unless variables say
 * otherwise; with `--stack` on the real servers that `deno task stack up` started. With `--probe` a
 * synthetic registration goes the whole way each minute.
 */
async function dev(running: AsyncDisposableStack, signal: AbortSignal): Promise<Started> {
  const begun = performance.now();
  const environment = await environmentOf(Deno.args);
  const wanted = toConfig(environment);
  const logLevels = configureLogging({
    levels: wanted.LOG_LEVEL,
    format: wanted.LOG_FORMAT ?? "text",
    service: { name: "dev", version: wanted.REVISION },
  });
  const address = { hostname: wanted.HOST, port: wanted.PORT ?? 8000 };
  const baseUrl = `http://${address.hostname}:${address.port}`;
  claimPort("PORT", address);

  await ensurePortal(PORTAL_FOLDER);
  const say = (sentence: string) => log.info(sentence);
  const embedded = await startEmbedded({ config: wanted, environment, baseUrl, say, signal });
  running.defer(() => embedded.stop());
  const own = { ...await auditVariables(wanted), EDGE_URL: baseUrl };
  const config = toConfig({ ...own, ...environment, ...embedded.variables });
  const platform = await serveAll({ config, embedded, address, running, logLevels });
  if (Deno.args.includes("--probe")) {
    const probe = await startProbe(platform);
    running.defer(() => probe.stop());
  }
  const milliseconds = performance.now() - begun;
  Deno.stdout.writeSync(new TextEncoder().encode(banner({ baseUrl, config, embedded, milliseconds })));
  return embedded;
}

async function serveAll(
  { config, embedded: { identity }, address, running, logLevels }: Parts,
): Promise<Platform> {
  const platform = openPlatform(
    config,
    identity ? { identityFetch: async (request) => await identity.app.fetch(request) } : {},
  );
  running.defer(() => platform.close());
  if (config.APP_ENV === "development") await appointDemoOfficers(await platform.officers());
  const fleet = await startFleet(platform);
  running.defer(async () => {
    await Promise.all(Object.values(fleet).map((service) => service.stop()));
  });
  const edge = await startEdge(platform, inProcess(fleet));
  const operations = operationsOf(platform, [...Object.values(fleet), edge], logLevels);
  const realms = (request: Request) => identity ? identity.app.fetch(request) : atKeycloak(request, config);
  const server = Deno.serve({ ...address, onListen() {} }, (request, info) => {
    const { pathname } = new URL(request.url);
    if (pathname.startsWith("/realms/")) return realms(request);
    // Keycloak's own admin API is not carried through the edge's port: `deno task users` asks Keycloak itself.
    if (pathname.startsWith("/admin/realms/") && identity) return identity.app.fetch(request);
    if (OPERATIONS.has(pathname)) return operations.fetch(request);
    return edge.fetch(request, { remoteAddress: info.remoteAddr.hostname });
  });
  running.defer(async () => {
    platform.stop();
    await server.shutdown();
  });
  return platform;
}

interface Parts {
  readonly config: Config;
  readonly embedded: Embedded;
  readonly address: { readonly hostname: string; readonly port: number };
  readonly running: AsyncDisposableStack;
  readonly logLevels: LiveLogLevels;
}

const OPERATIONS = new Set(["/healthz", "/readyz", "/metrics", "/log-level", "/reconcile"]);

/** Each dependency once: several services stand on the same PostgreSQL. */
function operationsOf(platform: Platform, services: readonly Service[], logLevels: LiveLogLevels) {
  const all = services.flatMap((service) => service.dependencies);
  const dependencies = [...new Map(all.map((dependency) => [dependency.name, dependency])).values()];
  const operations = createOperations({ ...platform, dependencies, logLevels });
  // One at a time: it reads whole tables, and whoever asks again before the answer can have the same one.
  let running: ReturnType<typeof reconcile> | undefined;
  operations.get("/reconcile", async (c) => {
    running ??= reconcile(platform).finally(() => running = undefined);
    return c.json(await running);
  });
  return operations;
}

/** Serves the realm under the same address whichever provider it is, for `deno task simulate` and for people. */
function atKeycloak(request: Request, { KEYCLOAK_URL }: Config): Promise<Response> {
  const { pathname, search } = new URL(request.url);
  return fetch(new Request(`${KEYCLOAK_URL}${pathname}${search}`, request), { redirect: "manual" });
}

function inProcess(fleet: Fleet) {
  const origin = (service: Fleet[keyof Fleet]) => ({
    url: `http://${service.name}.internal`,
    transport: handledBy((request) => service.fetch(request)),
  });
  return {
    auth: origin(fleet.auth),
    registration: origin(fleet.registration),
    statistics: origin(fleet.statistics),
    notification: origin(fleet.notification),
  };
}

const OPTIONS: readonly string[] = ["--stack", "--probe"];

async function environmentOf(args: readonly string[]): Promise<Environment> {
  const unknown = args.find((arg) => !OPTIONS.includes(arg));
  if (unknown !== undefined) {
    throw new Error(`Option "${unknown}" is not known; there are ${OPTIONS.join(" and ")}`);
  }
  const environment: Environment = { ...await checkedOut(), ...readEnvironment() };
  if (!args.includes("--stack")) return environment;
  // The stack's Messages API reports deliveries, as Twilio does. What the person set goes before what the stack says.
  const TWILIO_STATUS_CALLBACK = `http://127.0.0.1:${environment["PORT"] || 8000}/sms/status`;
  return { TWILIO_STATUS_CALLBACK, ...await stackVariables(environment), ...environment };
}

/** The audit in a file and in the table, so that each can be verified by the other. */
async function auditVariables({ DATA_DIR }: Config): Promise<Environment> {
  const folder = join(DATA_DIR, "audit");
  await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
  return { AUDIT_SINKS: "file,table", AUDIT_FILE: join(folder, "dev.jsonl") };
}

const log = getLogger(["kependudukan", "dev"]);

if (import.meta.main) await runProcess(dev).catch(explainAndExit);

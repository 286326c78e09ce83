import { getLogger } from "@logtape/logtape";
import { startEdge } from "../../edge/main.ts";
import { toConfig } from "../../shared/config/config.ts";
import { readEnvironment } from "../../shared/config/environment.ts";
import { explainAndExit } from "../../shared/runtime/explain.ts";
import { createOperations } from "../../shared/runtime/operations.ts";
import { openPlatform } from "../../shared/runtime/platform.ts";
import { claimPort } from "../../shared/runtime/port.ts";
import { runProcess, type Started } from "../../shared/runtime/stop.ts";
import { configureLogging } from "../../shared/telemetry/logging.ts";
import { type Fleet, startFleet } from "../../workers/fleet.ts";
import { banner } from "./dev/banner.ts";
import { startEmbedded } from "./embedded.ts";
import { reconcile } from "./reconcile.ts";

/** `deno task dev`: the edge and all workers in one process, on embedded servers unless variables say otherwise. */
async function dev(running: AsyncDisposableStack, signal: AbortSignal): Promise<Started> {
  const begun = performance.now();
  const environment = readEnvironment();
  const wanted = toConfig(environment);
  await configureLogging({ level: wanted.LOG_LEVEL, format: wanted.LOG_FORMAT ?? "text", service: "dev" });
  const { hostname, port } = { hostname: wanted.HOST, port: wanted.PORT ?? 8000 };
  const baseUrl = `http://${hostname}:${port}`;
  claimPort("PORT", { hostname, port });

  const say = (sentence: string) => log.info(sentence);
  const embedded = await startEmbedded({
    config: wanted,
    environment,
    baseUrl,
    say,
    signal,
  });
  running.defer(() => embedded.stop());

  const config = toConfig({ ...environment, ...embedded.variables });
  const { identity } = embedded;
  const platform = openPlatform(
    config,
    identity ? { identityFetch: async (request) => await identity.app.fetch(request) } : {},
  );
  running.defer(() => platform.close());
  const fleet = await startFleet(platform);
  running.defer(async () => {
    await Promise.all(Object.values(fleet).map((service) => service.stop()));
  });
  const edge = await startEdge(platform, inProcess(fleet));
  const operations = createOperations({ ...platform, dependencies: dependenciesOf(fleet) });
  operations.get("/reconcile", async (c) => c.json(await reconcile(platform)));

  const server = Deno.serve({ hostname, port, onListen() {} }, (request, info) => {
    const { pathname } = new URL(request.url);
    if (identity && pathname.startsWith("/realms/")) return identity.app.fetch(request);
    if (OPERATIONS.has(pathname)) return operations.fetch(request);
    return edge.fetch(request, { remoteAddress: info.remoteAddr.hostname });
  });
  running.defer(async () => {
    platform.stop();
    await server.shutdown();
  });
  Deno.stdout.writeSync(
    new TextEncoder().encode(banner({ baseUrl, config, embedded, milliseconds: performance.now() - begun })),
  );
  return embedded;
}

const OPERATIONS = new Set(["/healthz", "/readyz", "/metrics", "/reconcile"]);

function inProcess(fleet: Fleet) {
  const origin = (service: Fleet[keyof Fleet]) => ({
    url: `http://${service.name}.internal`,
    transport: (request: Request) => service.fetch(request),
  });
  return {
    auth: origin(fleet.auth),
    registration: origin(fleet.registration),
    statistics: origin(fleet.statistics),
    notification: origin(fleet.notification),
  };
}

/** Each once: several services stand on the same PostgreSQL. */
function dependenciesOf(fleet: Fleet) {
  const dependencies = Object.values(fleet).flatMap((service) => service.dependencies);
  return [...new Map(dependencies.map((dependency) => [dependency.name, dependency])).values()];
}

const log = getLogger(["kependudukan", "dev"]);

if (import.meta.main) await runProcess(dev).catch(explainAndExit);

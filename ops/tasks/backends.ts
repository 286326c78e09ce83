import { getLogger } from "@logtape/logtape";
import { toConfig } from "../../shared/config/config.ts";
import { readEnvironment } from "../../shared/config/environment.ts";
import { explainAndExit } from "../../shared/runtime/explain.ts";
import { claimPort } from "../../shared/runtime/port.ts";
import { openPlatform } from "../../shared/runtime/platform.ts";
import { runProcess, type Started } from "../../shared/runtime/stop.ts";
import { configureLogging } from "../../shared/telemetry/logging.ts";
import { startEmbedded } from "./embedded.ts";
import { reconcile } from "./reconcile.ts";

/**
 * `deno task backends`: only the embedded servers, for workers that run as processes of their own. Prints the variables
 * that lead the workers to them, as lines for a shell. Serves `/reconcile` too, for `deno task simulate --operations`.
 */
async function backends(running: AsyncDisposableStack, signal: AbortSignal): Promise<Started> {
  const environment = readEnvironment();
  const config = toConfig(environment);
  configureLogging({
    levels: config.LOG_LEVEL,
    format: config.LOG_FORMAT ?? "text",
    service: { name: "backends", version: config.REVISION },
  });
  const { hostname, port } = { hostname: config.HOST, port: config.PORT ?? 8080 };
  const baseUrl = `http://${hostname}:${port}`;
  claimPort("PORT", { hostname, port });

  const say = (sentence: string) => log.info(sentence);
  const embedded = await startEmbedded({ config, environment, baseUrl, say, signal });
  running.defer(() => embedded.stop());
  const platform = openPlatform(toConfig({ ...environment, ...embedded.variables }));
  running.defer(() => platform.close());
  const { identity } = embedded;
  const server = Deno.serve({ hostname, port, onListen() {} }, async (request) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/reconcile") return Response.json(await reconcile(platform));
    return identity ? await identity.app.fetch(request) : new Response(null, { status: 404 });
  });
  running.defer(() => server.shutdown());
  const lines = Object.entries(embedded.variables).map(([name, value]) => `export ${name}='${value}'\n`);
  Deno.stdout.writeSync(new TextEncoder().encode(lines.join("")));
  return embedded;
}

const log = getLogger(["kependudukan", "backends"]);

if (import.meta.main) await runProcess(backends).catch(explainAndExit);

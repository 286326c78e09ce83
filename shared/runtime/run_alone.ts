import { getLogger } from "@logtape/logtape";
import { type Part, toConfig } from "../config/config.ts";
import { readVariables } from "../config/environment.ts";
import { configureLogging } from "../telemetry/logging.ts";
import { explainAndExit } from "./explain.ts";
import { lettingGo } from "./let_go.ts";
import { createOperations } from "./operations.ts";
import { openPlatform, type Platform } from "./platform.ts";
import { claimPort } from "./port.ts";
import type { Service } from "./service.ts";
import { runProcess, type Started } from "./stop.ts";

/**
 * Runs one service as a process of its own: its HTTP face and the operators' on one port, until SIGTERM or SIGINT.
 * A start that fails prints one sentence and exits with code 1.
 */
export async function runAlone(name: Part, options: RunOptions): Promise<void> {
  await runProcess((running) => startAlone(name, options, running)).catch(explainAndExit);
}

export interface RunOptions {
  readonly start: (platform: Platform) => Promise<Service>;
  /** Unless `PORT` says otherwise. */
  readonly port: number;
  /** Strangers reach this service: health and metrics stay on `OPERATIONS_PORT`, or nowhere. */
  readonly publicFace?: boolean;
}

async function startAlone(
  name: Part,
  options: RunOptions,
  running: AsyncDisposableStack,
): Promise<Started> {
  const config = toConfig(readVariables(), [name]);
  const format = config.LOG_FORMAT ?? (config.APP_ENV === "production" ? "json" : "text");
  const version = config.REVISION;
  const logLevels = configureLogging({ levels: config.LOG_LEVEL, format, service: { name, version } });
  const { hostname, port } = { hostname: config.HOST, port: config.PORT ?? options.port };
  claimPort("PORT", { hostname, port });

  const platform = openPlatform(config);
  running.defer(() => platform.close());
  const service = await options.start(platform);
  running.defer(() => service.stop());
  const operations = createOperations({ ...platform, dependencies: service.dependencies, logLevels });
  const handle = (request: Request, info: Deno.ServeHandlerInfo<Deno.NetAddr>) => {
    const isOperation = request.method !== "POST" &&
      /^\/(healthz|readyz|metrics|log-level)$/.test(new URL(request.url).pathname);
    if (isOperation && !options.publicFace) return operations.fetch(request);
    return service.fetch(request, { remoteAddress: info.remoteAddr.hostname });
  };
  const { asking, letGo } = lettingGo(platform.shutdown);
  const server = Deno.serve({ hostname, port, onListen() {} }, asking(handle));
  running.defer(() => server.shutdown());
  if (options.publicFace && config.OPERATIONS_PORT !== undefined) {
    const aside = Deno.serve({ hostname, port: config.OPERATIONS_PORT, onListen() {} }, operations.fetch);
    running.defer(() => aside.shutdown());
  }
  running.defer(letGo);
  running.defer(() => platform.stop());
  log.info("Service {name} listens on {hostname}:{port}", { name, hostname, port });
  return {};
}

const log = getLogger(["kependudukan", "process"]);

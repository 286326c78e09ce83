import { getLogger } from "@logtape/logtape";
import { toConfig } from "../config/config.ts";
import { readEnvironment } from "../config/environment.ts";
import { configureLogging } from "../telemetry/logging.ts";
import { createOperations } from "./operations.ts";
import { openPlatform, type Platform } from "./platform.ts";
import { explainAndExit } from "./explain.ts";
import { claimPort } from "./port.ts";
import { onStop } from "./stop.ts";
import type { Service } from "./service.ts";

/**
 * Runs one service as a process of its own: its HTTP face and the operators' on one port, until SIGTERM or SIGINT.
 * A start that fails prints one sentence and exits with code 1.
 */
export async function runAlone(name: string, options: RunOptions): Promise<void> {
  try {
    const config = toConfig(readEnvironment());
    const production = config.APP_ENV === "production";
    const format = config.LOG_FORMAT ?? (production ? "json" : "text");
    await configureLogging({ level: config.LOG_LEVEL, format, service: name });
    const { hostname, port } = { hostname: config.HOST, port: config.PORT ?? options.port };
    claimPort("PORT", { hostname, port });
    const platform = openPlatform(config);
    const service = await options.start(platform);
    const operations = createOperations({ ...platform, dependencies: service.dependencies });
    const server = Deno.serve({ hostname, port, onListen }, (request, info) => {
      const isOperation = /^\/(healthz|readyz|metrics)$/.test(new URL(request.url).pathname);
      if (isOperation && !options.publicFace) return operations.fetch(request);
      return service.fetch(request, { remoteAddress: info.remoteAddr.hostname });
    });
    const operationsServer = options.publicFace && config.OPERATIONS_PORT !== undefined
      ? Deno.serve({ hostname, port: config.OPERATIONS_PORT, onListen() {} }, operations.fetch)
      : undefined;
    onStop(async () => {
      platform.stop();
      await Promise.all([server.shutdown(), operationsServer?.shutdown(), service.stop()]);
      await platform.close();
    });
  } catch (error) {
    explainAndExit(error);
  }

  function onListen({ hostname, port }: { hostname: string; port: number }): void {
    log.info("Service {name} listens on {hostname}:{port}", { name, hostname, port });
  }
}

export interface RunOptions {
  readonly start: (platform: Platform) => Promise<Service>;
  /** Unless `PORT` says otherwise. */
  readonly port: number;
  /** Strangers reach this service: health and metrics stay on `OPERATIONS_PORT`, or nowhere. */
  readonly publicFace?: boolean;
}

const log = getLogger(["kependudukan", "process"]);

import { getLogger } from "@logtape/logtape";
import { configureLogging } from "./logging.ts";
import { parseLogLevels } from "./log_levels.ts";

/** A process that logs, for logging_test.ts: what it says is on its standard error. Arguments: format and LOG_LEVEL. */
function main([format = "", text = ""]: readonly string[]): void {
  const levels = parseLogLevels(text);
  if (levels === undefined) throw new Error(`Read the levels "${text}" failed`);
  const live = configureLogging({
    levels,
    format: format === "json" ? "json" : "text",
    service: { name: "test", version: "dev" },
  });
  const nik = ["32010101", "01019991"].join("");
  getLogger(["kependudukan", "edge"]).info("Said {value}", { value: nik });
  getLogger(["kependudukan", "kafka"]).debug("Of kafka");
  getLogger(["kependudukan", "edge"]).debug("Hidden");
  live.turnUp({ all: "debug", parts: new Map() }, 1);
  getLogger(["kependudukan", "edge"]).debug("Turned up");
  live.turnBack();
  getLogger(["kependudukan", "edge"]).debug("Hidden again");
  for (let i = 0; i < 40; i++) {
    getLogger(["kependudukan", "edge"]).error("Failed", { traceId: "a".repeat(32) });
  }
  Deno.exit(0);
}

main(Deno.args);

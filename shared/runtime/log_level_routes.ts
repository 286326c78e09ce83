import { getLogger } from "@logtape/logtape";
import type { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { LiveLogLevels } from "../telemetry/logging.ts";
import { LEVELS, parseLogLevels } from "../telemetry/log_levels.ts";

/**
 * `/log-level`, beside health and metrics: GET says what is logged, PUT turns it up for some minutes (its body as
 * LOG_LEVEL, `?minutes=`), DELETE turns it back. Who reaches the port can make the process say more, never less: nobody
 * hides an error here.
 */
export function serveLogLevels(app: Hono, levels: LiveLogLevels): void {
  app.get("/log-level", (c) => c.json(levels.now()));
  app.put("/log-level", bodyLimit({ maxSize: 1_000 }), async (c) => {
    const wanted = parseLogLevels((await c.req.text()).trim());
    const minutes = Number(c.req.query("minutes") ?? 15);
    if (wanted === undefined) {
      return c.text(
        `Write one of ${LEVELS.join(", ")} as the body; parts may follow: info,kafka=debug\n`,
        400,
      );
    }
    if (!Number.isInteger(minutes) || minutes < 1 || minutes > MOST_MINUTES) {
      return c.text(`Let "minutes" be a whole number from 1 to ${MOST_MINUTES}\n`, 400);
    }
    levels.turnUp(wanted, minutes);
    log.warn("Log level is {levels} until {until}", levels.now());
    return c.json(levels.now());
  });
  app.delete("/log-level", (c) => {
    levels.turnBack();
    log.warn("Log level is {levels} again", levels.now());
    return c.json(levels.now());
  });
}

const MOST_MINUTES = 60;
const log = getLogger(["kependudukan", "process"]);

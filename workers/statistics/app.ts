import type { Context, Hono } from "hono";
import { type AppEnv, createApp, type RequestObserver } from "../../shared/http/app.ts";
import { auditRoutes } from "../../shared/http/audited.ts";
import {
  authenticate,
  bearerToken,
  onlyFromEdge,
  refuseBound,
  requireRole,
} from "../../shared/http/authenticate.ts";
import { boundByDeadline } from "../../shared/http/deadline.ts";
import { Problem } from "../../shared/http/problem.ts";
import { readStore } from "../../shared/http/read_store.ts";
import type { ProvinceStatistics, StatisticsList } from "../../shared/http/schemas/statistics.ts";
import { COUNTRY } from "../../shared/http/schemas/trend.ts";
import type { Audit } from "../../shared/ports/audit.ts";
import type { EventLog } from "../../shared/ports/event_log.ts";
import type { Identity } from "../../shared/ports/identity.ts";
import type { StatisticsStore } from "../../shared/ports/statistics_store.ts";
import { countryRow, provinceRows } from "./answers.ts";
import { listLetters, replayLetters } from "./dead_letters.ts";
import { statisticsStream } from "./stream.ts";
import { answerTrend } from "./trend.ts";

/** The statistics' HTTP face, for admins: `GET /stats`, `GET /stats/{kode}`, `GET /stats/stream` and the dead letters. */
export function createStatisticsApp(context: StatisticsContext): Hono<AppEnv> {
  const { store, eventLog, identity, audit, observe, now = () => new Date(), shutdown } = context;
  const app = createApp({ service: "statistics", ...(observe && { observe }) });
  auditRoutes(app, audit, [
    ["GET", "/stats", "stats.baca"],
    ["GET", "/stats/:kode", "stats.baca"],
    ["GET", "/surat-gagal", "dlq.list"],
    ["POST", "/surat-gagal/kirim-ulang", "dlq.replay"],
  ]);
  app.use(boundByDeadline(), onlyFromEdge(identity));
  app.use(async function noStore(c, next) {
    await next();
    c.header("cache-control", "no-store");
  });
  const authenticated = authenticate((token, signal) => identity.introspect(token, signal));
  app.use("/stats/*", authenticated, requireRole("admin", "penguji"));
  app.use("/surat-gagal/*", authenticated, requireRole("admin"), refuseBound("Surat gagal"));

  app.get("/stats", async (c) => {
    const statistics = await readStore(c, store.read());
    return c.json<StatisticsList>(provinceRows(statistics));
  });

  app.get("/stats/stream", statisticsStream({ store, isStillGood, shutdown, now }));

  app.get("/stats/trend", answerTrend(store, now));

  app.get("/stats/:kode", async (c) => {
    const kode = c.req.param("kode");
    const statistics = await readStore(c, store.read());
    const row = kode === COUNTRY
      ? countryRow(statistics)
      : provinceRows(statistics).find((row) => row.kode === kode);
    if (!row) throw new Problem("NOT_FOUND", "Kode provinsi ini tidak ada");
    return c.json<ProvinceStatistics>(row);
  });

  app.get("/surat-gagal", listLetters(eventLog));
  app.post("/surat-gagal/kirim-ulang", replayLetters(eventLog));
  return app;

  async function isStillGood(c: Context<AppEnv>): Promise<boolean> {
    const token = bearerToken(c.req.header("authorization")) ?? "";
    const verification = await identity.introspect(token, shutdown);
    return verification.kind === "verified" && verification.caller.roles.has("admin");
  }
}

export interface StatisticsContext {
  readonly store: Pick<StatisticsStore, "read" | "readTrend">;
  /** Holds the dead letters. */
  readonly eventLog: Pick<EventLog, "read" | "publish">;
  readonly audit: Audit;
  readonly identity: Pick<Identity, "introspect" | "verifyEdge">;
  readonly observe?: RequestObserver;
  readonly now?: () => Date;
  /** Ends the streams when it aborts. */
  readonly shutdown: AbortSignal;
}

import assert from "node:assert/strict";
import type { Hono } from "hono";
import type { Upstream } from "../../edge/routes.ts";
import type { AppEnv } from "../../shared/http/app.ts";
import type { Identity } from "../../shared/ports/identity.ts";
import { generateKeys, parseKeys } from "../../shared/security/key_ring.ts";
import { createAuthApp } from "../../workers/auth/app.ts";
import { createNotificationApp } from "../../workers/notification/app.ts";
import { createRegistrationApp } from "../../workers/registration/app.ts";
import { createRegistrar } from "../../workers/registration/registrar.ts";
import { openRepository } from "../../workers/registration/repository.ts";
import { createStatisticsApp } from "../../workers/statistics/app.ts";
import { parseTelepon } from "../../shared/ports/sms.ts";
import { TELEPON } from "../fixtures.ts";
import { FakeAudit } from "../fakes/audit.ts";
import { FakeLedgerStore, FakeOfficers } from "../fakes/sms.ts";

/**
 * The four origins, each behind a port of its own, over stores that answer nothing and count who asks. `identity` opens
 * the view of each; the auth service asks it for tokens, so that its own answers count as well.
 */
export function serveOrigins(identity: (origin: Upstream, touch: () => void) => Identity): ServedOrigins {
  let touched = 0;
  const touch = () => void touched++;
  const refuse = () => {
    touch();
    return Promise.reject(new Error("No store is here"));
  };
  const audit = new FakeAudit();
  const keys = parseKeys(generateKeys(new Date()));
  const repository = openRepository({ query: refuse }, keys);
  const apps: Readonly<Record<Upstream, Hono<AppEnv>>> = {
    auth: createAuthApp({ identity: identity("auth", touch), audit }),
    registration: createRegistrationApp({
      repository,
      registrar: createRegistrar({ repository, keys }),
      identity: identity("registration", touch),
      audit,
      tag: () => "uji:uji",
      chain: {
        reader: { rows: () => ReadableStream.from([refuse()]) },
        progress: { latest: refuse, add: refuse },
      },
      search: { reader: { search: refuse }, tags: () => ["uji:uji"] },
    }),
    statistics: createStatisticsApp({
      store: { read: refuse, readTrend: refuse },
      eventLog: { publish: refuse, read: () => ReadableStream.from([refuse()]) },
      identity: identity("statistics", touch),
      audit,
      shutdown: new AbortController().signal,
    }),
    notification: createNotificationApp({
      officers: Object.assign(new FakeOfficers(parseTelepon(TELEPON[0]) ?? assert.fail()), {
        ...{ of: refuse, assign: refuse, change: refuse, dismiss: refuse },
      }),
      ledger: Object.assign(new FakeLedgerStore().open(), { recent: refuse }),
      identity: identity("notification", touch),
      audit,
      receipts(c) {
        touch();
        return c.body(null, 204);
      },
    }),
  };
  const servers = new Map(
    Object.entries(apps).map(([name, app]) => [name, Deno.serve(LOCAL, (request) => app.fetch(request))]),
  );
  return {
    url: (origin) => `http://127.0.0.1:${servers.get(origin)?.addr.port}`,
    touched: () => touched,
    async close() {
      for (const server of servers.values()) await server.shutdown();
    },
  };
}

const LOCAL = { hostname: "127.0.0.1", port: 0, onListen() {} };

export interface ServedOrigins {
  url(origin: Upstream): string;
  /** How often a store was asked, or the provider for a user's tokens. */
  touched(): number;
  close(): Promise<void>;
}

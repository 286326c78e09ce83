import type { Handler, Hono, MiddlewareHandler } from "hono";
import { cors } from "hono/cors";
import { secureHeaders } from "hono/secure-headers";
import { type AppEnv, createApp, type RequestObserver } from "../shared/http/app.ts";
import { auditAtEdge, auditDenials } from "../shared/http/audited.ts";
import { authenticate, requireRole } from "../shared/http/authenticate.ts";
import { Problem } from "../shared/http/problem.ts";
import type { Audit } from "../shared/ports/audit.ts";
import type { Identity } from "../shared/ports/identity.ts";
import type { RateLimiter } from "../shared/ports/rate_limiter.ts";
import type { Dependency } from "../shared/runtime/service.ts";
import { docsPage } from "./docs.ts";
import { clientAddress } from "./middleware/client_address.ts";
import { limitByAddress, limitByUser } from "./middleware/limit.ts";
import { limitConflicts } from "./middleware/limit_conflicts.ts";
import { openApiDocument } from "./openapi.ts";
import { type Portal, servePortal } from "./portal_page.ts";
import { type Route, ROUTES, type Upstream } from "./routes.ts";
import { systemState } from "./system_state.ts";
import { type GuardedOrigin, guardOrigin, type Origin, type OriginEvent } from "./upstream/origin.ts";
import { type EdgeIdentity, proxy } from "./upstream/proxy.ts";

/**
 * The public edge. A request passes, in this order: trace, size cap, client address, then per route whether its origin
 * can take one more, either the address limit or token, role and user limit, and at last the proxy to the origin behind
 * its guards.
 */
export function createEdge(context: EdgeContext): Hono<AppEnv> {
  const { observe, corsOrigins = [], trustedProxies = 0, trustTrace = true } = context;
  const app = createApp({ service: "edge", trustTrace, ...(observe && { observe }) });
  app.use(secureHeaders({ crossOriginResourcePolicy: "same-origin", referrerPolicy: "no-referrer" }));
  if (corsOrigins.length > 0) {
    app.use(
      cors({ origin: [...corsOrigins], allowHeaders: ["authorization", "content-type", "idempotency-key"] }),
    );
  }
  app.use(clientAddress(trustedProxies));

  app.get("/openapi.json", (c) => c.json(openApiDocument()));
  app.get("/docs", (c) => c.html(docsPage(openApiDocument())));
  if (context.portal) servePortal(app, context.portal);
  const origins = guardOrigins(context);
  // Programs report deliveries by the thousand: those that fill their places leave people theirs.
  const reports = origins.notification.apart(256);
  const { dependencies = [] } = context;
  const state = systemState({ ...context, guarded: origins, dependencies });
  for (const path of new Set(ROUTES.map((route) => route.path))) {
    for (const route of ROUTES.filter((route) => route.path === path)) {
      if (route.upstream === "edge") {
        app.get(path, auditAtEdge(context.audit, route.audit), ...guards(route, context), state);
        continue;
      }
      const origin = route.access === "signed" ? reports : origins[route.upstream];
      const audit = auditDenials(context.audit, route.audit);
      const handlers = [
        refuseWhenFull(origin),
        audit,
        ...guards(route, context),
        toOrigin(route, origin, context),
      ];
      app.on(route.method, [path], ...handlers);
    }
    // Before the next path, which may take this one for an id of its own: "/penduduk/:id" takes "/penduduk/milik-saya".
    app.all(path, refuseMethod(path));
  }
  return app;
}

export interface EdgeContext {
  readonly identity: Pick<Identity, "verify"> & EdgeIdentity;
  /** Takes what the edge refuses; what it lets through, the origin records. */
  readonly audit: Audit;
  readonly userLimiter: RateLimiter;
  readonly addressLimiter: RateLimiter;
  /** Of the answers that tell a user that a NIK is registered. */
  readonly conflictLimiter: RateLimiter;
  readonly origins: Readonly<Record<Upstream, Origin>>;
  readonly observe?: RequestObserver;
  /** What the edge itself stands on. */
  readonly dependencies?: readonly Dependency[];
  readonly onOrigin?: (origin: Upstream, event: OriginEvent) => void;
  readonly corsOrigins?: readonly string[];
  /** The page for people, where it was built. */
  readonly portal?: Portal;
  /** How many proxies of our own stand before the edge. */
  readonly trustedProxies?: number;
  readonly trustTrace?: boolean;
  /** How long an origin may take, in milliseconds. */
  readonly deadlineMs?: number;
  /** Aborts when the edge stops. */
  readonly shutdown?: AbortSignal;
}

function guards(route: Route, context: EdgeContext): MiddlewareHandler<AppEnv>[] {
  if (route.access === "signed") return [];
  if (route.access === "public") return [limitByAddress(context.addressLimiter)];
  return [
    authenticate((token) => context.identity.verify(token)),
    requireRole(...route.access),
    limitByUser(context.userLimiter),
    ...(route.conflicts ? [limitConflicts(context.conflictLimiter)] : []),
  ];
}

/** Each with guards of its own, so that one that hangs takes nothing from the others. */
function guardOrigins({ origins, onOrigin = () => {} }: EdgeContext): Record<Upstream, GuardedOrigin> {
  const guard = (name: Upstream, inFlight: number) =>
    guardOrigin(origins[name], { name, inFlight, onEvent: (event) => onOrigin(name, event) });
  return {
    auth: guard("auth", 256),
    // As many as its own queue takes.
    registration: guard("registration", 2_000),
    statistics: guard("statistics", 256),
    notification: guard("notification", 256),
  };
}

/** First of all, since what is shed must cost next to nothing. */
function refuseWhenFull(origin: GuardedOrigin): MiddlewareHandler<AppEnv> {
  return async function refuseWhenFull(_c, next) {
    origin.refuseNow();
    await next();
  };
}

function toOrigin(route: Route, origin: GuardedOrigin, context: EdgeContext): Handler<AppEnv> {
  const { identity, deadlineMs = 10_000, shutdown } = context;
  const { streams = false, keyed = false } = route;
  return proxy(origin, { identity, deadlineMs, streams, keyed, shutdown });
}

function refuseMethod(path: string) {
  const allow = ROUTES.filter((route) => route.path === path).map((route) => route.method).join(", ");
  return function refuseMethod(): never {
    throw new Problem("METHOD_NOT_ALLOWED", `Gunakan metode ${allow}`, { headers: { allow } });
  };
}

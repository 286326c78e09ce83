import type { Context, Hono, MiddlewareHandler } from "hono";
import {
  type Audit,
  AUDIT_ACTIONS,
  type AuditAction,
  type AuditActor,
  type AuditEntry,
} from "../ports/audit.ts";
import type { Caller } from "../ports/identity.ts";
import { isDenial } from "../security/audit/line.ts";
import type { AppEnv } from "./app.ts";
import { patienceOf } from "./deadline.ts";
import { Problem } from "./problem.ts";

/**
 * Records each request to the routes of an origin, whatever becomes of it; stands before everything that may refuse
 * one. The answer goes out when its line is durable; otherwise it is 503 and tells nothing.
 */
export function auditRoutes(app: Hono<AppEnv>, audit: Audit, routes: readonly AuditedRoute[]): void {
  for (const [method, path, action] of routes) app.on(method, path, audited(audit, action));
}

export type AuditedRoute = readonly [
  method: "GET" | "POST" | "PUT" | "DELETE",
  path: string,
  action: AuditAction,
];

function audited(audit: Audit, action: AuditAction): MiddlewareHandler<AppEnv> {
  return async function audited(c, next) {
    const started = performance.now();
    await next();
    const entry = entryOf(c, action);
    // The edge's word: whoever came past the edge could have written anything.
    const address = entry.reason === "NOT_FROM_EDGE" ? undefined : c.req.header("x-forwarded-for");
    const durationMs = performance.now() - started;
    const line = { ...entry, clientAddress: addressOf(address), durationMs };
    await writeOrWithhold(c, audit, line, Math.max(LEAST_MS, patienceOf(c) - durationMs));
  };
}

/**
 * Records what this process itself refuses on a route, for the edge: what it lets pass, the origin records. Waits
 * `withinMs` for the line, 3 s unless told: what a client says of its deadline does not count.
 */
export function auditDenials(
  audit: Audit,
  action: AuditAction,
  { withinMs = 3_000 }: { withinMs?: number } = {},
): MiddlewareHandler<AppEnv> {
  return async function auditDenials(c, next) {
    await next();
    if (!(c.error instanceof Problem)) return;
    const entry = entryOf(c, action);
    if (isDenial(entry)) {
      await writeOrWithhold(c, audit, { ...entry, clientAddress: addressOf(c.var.address) }, withinMs);
    }
  };
}

/** Records each request that the edge answers by itself, as `auditRoutes` does at an origin. */
export function auditAtEdge(
  audit: Audit,
  action: AuditAction,
  { withinMs = 3_000 }: { withinMs?: number } = {},
): MiddlewareHandler<AppEnv> {
  return async function auditAtEdge(c, next) {
    await next();
    const entry = { ...entryOf(c, action), clientAddress: addressOf(c.var.address) };
    await writeOrWithhold(c, audit, entry, withinMs);
  };
}

export function actorOf({ subject, roles }: Caller): AuditActor {
  return { kind: "user", id: subject, roles: [...roles].sort() };
}

/** So that a handler which has used up the caller's time gets its own word out, where the sinks are well. */
const LEAST_MS = 200;

async function writeOrWithhold(
  c: Context<AppEnv>,
  audit: Audit,
  entry: AuditEntry,
  withinMs: number,
): Promise<void> {
  try {
    await audit.record(entry, withinMs);
  } catch (cause) {
    await c.res.body?.cancel();
    // Or its headers, such as the Location of a new record, would go out with the 503.
    c.res = undefined;
    throw new Problem("AUDIT_UNAVAILABLE", "Jejak audit tidak dapat ditulis; coba lagi sebentar lagi", {
      cause,
    });
  }
}

function entryOf(c: Context<AppEnv>, action: AuditAction): AuditEntry {
  const [actor, caller, finding] = [c.get("actor"), c.get("caller"), c.get("finding")];
  return {
    action,
    outcome: finding ? "failure" : outcomeOf(c.res.status, action),
    actor: actor ?? (caller ? actorOf(caller) : { kind: "anonymous" }),
    reason: c.error instanceof Problem ? c.error.code : finding,
    target: c.get("target"),
    record: c.get("record"),
    count: c.get("count"),
    traceId: c.get("trace").traceId,
  };
}

/** After a 5xx nobody knows whether a change took effect; a reading that failed disclosed nothing. */
function outcomeOf(status: number, action: AuditAction): AuditEntry["outcome"] {
  if (status < 400) return "success";
  const types: readonly string[] = AUDIT_ACTIONS[action].type;
  return status >= 500 && types.some((type) => CHANGES.has(type)) ? "unknown" : "failure";
}

const CHANGES: ReadonlySet<string> = new Set(["creation", "change", "deletion", "start", "end"]);

/** Nothing that a client may have written in place of an address, be it a NIK, gets into a line. */
function addressOf(text: string | undefined): string | undefined {
  return text?.match(/^(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}(?:\/64)?)$/)?.[0];
}

import { openAuditProgress } from "../../shared/adapters/postgres/audit_progress.ts";
import { openAuditReader } from "../../shared/adapters/postgres/audit_reader.ts";
import { migrate } from "../../shared/adapters/postgres/migrate.ts";
import { check, type Pool } from "../../shared/adapters/postgres/pool.ts";
import { servePartState } from "../../shared/runtime/part_state.ts";
import type { Platform } from "../../shared/runtime/platform.ts";
import { runAlone } from "../../shared/runtime/run_alone.ts";
import type { Dependency, Service } from "../../shared/runtime/service.ts";
import { subjectTag, subjectTags } from "../../shared/security/audit/subject_tag.ts";
import { outboxDepth } from "../relay/outbox.ts";
import type { AuditChain } from "./audit_chain.ts";
import type { AuditSearch } from "./audit_search.ts";
import { createRegistrationApp } from "./app.ts";
import { REGISTRY } from "./migrations.ts";
import { createRegistrar } from "./registrar.ts";
import { observeBatches } from "./registration_metrics.ts";
import { openRepository } from "./repository.ts";

/** The registry in PostgreSQL, and the search of the audit beside it. */
export async function startRegistration(platform: Platform): Promise<Service> {
  const { metrics } = platform;
  const pool = await platform.pool("registration", {
    max: 8,
    role: "registration",
    // Not longer than any caller waits, so that statements that hang do not keep the lanes for those who come after.
    statementMs: 10_000,
    byIndex: true,
  });
  await migrate(pool, REGISTRY);
  const keys = await platform.keys();
  const repository = openRepository(pool, keys);
  const registrar = createRegistrar({ repository, keys, limits: observeBatches(metrics) });
  metrics.gauge("registration_waiting", "Registrations that wait for a batch", registrar.waiting);
  metrics.gauge("registration_lanes_busy", "Lanes that store a batch now", registrar.storing);
  const identity = await platform.identity("pendaftaran-service");
  const audit = await platform.audit("registration");
  const app = createRegistrationApp({
    registrar,
    repository,
    identity,
    audit: audit.of("registration"),
    tag: (nik) => subjectTag(keys.audit, nik),
    ...await auditOf(platform),
    observe: metrics.observeRequest,
  });
  const dependencies: readonly Dependency[] = [
    { name: "postgresql", check: (signal) => check(pool, signal) },
    { name: "identity", check: (signal) => identity.check(signal) },
    { name: "audit", check: () => audit.check() },
  ];
  servePartState(app, { dependencies, figures: figuresOfOutbox(pool) });
  return {
    name: "registration",
    fetch: app.fetch,
    dependencies,
    stop: () => Promise.resolve(),
  };
}

/** The relay serves nobody, and what waits for it waits in this database. One look answers all three. */
function figuresOfOutbox(pool: Pool) {
  let reading: ReturnType<typeof outboxDepth> | undefined;
  const depth = () => reading ??= outboxDepth(pool).finally(() => reading = undefined);
  return {
    outboxRows: async () => (await depth()).rows,
    outboxOldestSeconds: async () => (await depth()).oldestSeconds,
    outboxParked: async () => (await depth()).parked,
  };
}

async function auditOf(platform: Platform): Promise<{ search?: AuditSearch; chain?: AuditChain }> {
  if (!platform.config.AUDIT_SINKS.includes("table")) return {};
  const { audit } = await platform.keys();
  const pool = await platform.pool("auditor", { max: 2, role: "auditor" });
  const reader = openAuditReader(pool);
  return {
    search: { reader, tags: (nik) => subjectTags(audit, nik) },
    chain: { reader, progress: openAuditProgress(pool) },
  };
}

if (import.meta.main) await runAlone("registration", { start: startRegistration, port: 8002 });

import { migrate } from "../../shared/adapters/postgres/migrate.ts";
import { check } from "../../shared/adapters/postgres/pool.ts";
import type { Platform } from "../../shared/runtime/platform.ts";
import { runAlone } from "../../shared/runtime/run_alone.ts";
import type { Service } from "../../shared/runtime/service.ts";
import { subjectTag } from "../../shared/security/audit/subject_tag.ts";
import { createRegistrationApp } from "./app.ts";
import { REGISTRY } from "./migrations.ts";
import { createRegistrar } from "./registrar.ts";
import { openRepository } from "./repository.ts";

/** `POST /penduduk` and `GET /penduduk/{id}` over the registry in PostgreSQL. */
export async function startRegistration(platform: Platform): Promise<Service> {
  const { metrics } = platform;
  const pool = await platform.pool("registration", { max: 8, role: "registration" });
  await migrate(pool, REGISTRY);
  const keys = await platform.keys();
  const repository = openRepository(pool, keys);
  const registrar = createRegistrar({ repository, keys, limits: { onBatch: metrics.observeBatch } });
  metrics.gauge("registration_waiting", "Registrations that wait for a batch", registrar.waiting);
  const identity = await platform.identity("pendaftaran-service");
  const audit = await platform.audit("registration");
  const app = createRegistrationApp({
    registrar,
    repository,
    identity,
    audit: audit.of("registration"),
    tag: (nik) => subjectTag(keys.audit, nik),
    observe: metrics.observeRequest,
  });
  return {
    name: "registration",
    fetch: app.fetch,
    dependencies: [
      { name: "postgresql", check: (signal) => check(pool, signal) },
      { name: "identity", check: (signal) => identity.check(signal) },
      { name: "audit", check: () => audit.check() },
    ],
    stop: () => Promise.resolve(),
  };
}

if (import.meta.main) await runAlone("registration", { start: startRegistration, port: 8002 });

import { servePartState } from "../../shared/runtime/part_state.ts";
import type { Platform } from "../../shared/runtime/platform.ts";
import { runAlone } from "../../shared/runtime/run_alone.ts";
import type { Dependency, Service } from "../../shared/runtime/service.ts";
import { createAuthApp } from "./app.ts";

/** `/login`, `/refresh`, `/logout` and `/protected` over the identity provider. */
export async function startAuth(platform: Platform): Promise<Service> {
  const identity = await platform.identity("auth-service");
  const audit = await platform.audit("auth");
  const app = createAuthApp({
    identity,
    audit: audit.of("auth"),
    observe: platform.metrics.observeRequest,
  });
  const dependencies: readonly Dependency[] = [
    { name: "identity", check: (signal) => identity.check(signal) },
    { name: "audit", check: () => audit.check() },
  ];
  servePartState(app, { dependencies });
  return {
    name: "auth",
    fetch: app.fetch,
    dependencies,
    stop: () => Promise.resolve(),
  };
}

if (import.meta.main) await runAlone("auth", { start: startAuth, port: 8001 });

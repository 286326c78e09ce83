import { jaeger } from "../ops/stack/servers/jaeger.ts";
import { configuredStack } from "../ops/stack/servers.ts";
import { openPlace } from "../ops/stack/place.ts";
import { openStack } from "../ops/stack/stack.ts";
import { readEnvironment } from "../shared/config/environment.ts";
import { explainAndExit } from "../shared/runtime/explain.ts";
import { withPostgres } from "./run/postgres.ts";
import { runSuite } from "./run/suite.ts";

/**
 * `deno task test:observability [options of deno test] [files]`: what the system tells of itself, asked of a real
 * Jaeger, Elasticsearch and Prometheus that are the run's own. The stack need not be up.
 */
async function main(args: readonly string[]): Promise<number> {
  await buildJaeger();
  return await withPostgres((url) =>
    runSuite({
      args,
      folders: FOLDERS,
      env: { TEST_DATABASE_URL: url },
      output: ".artifacts/observability-test-output.log",
      deadlineMs: 20 * 60_000,
    })
  );
}

/** Before the first test, so that the person knows what takes so long. */
async function buildJaeger(): Promise<void> {
  const stack = openStack({ ...configuredStack(readEnvironment()), print });
  await jaeger.install(openPlace(stack, jaeger, { ports: stack.ports[jaeger.name] ?? {}, brokers: 1 }));
}

function print(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}

/** With the tests of `test:stack` that belong to the same question. */
const FOLDERS = [
  "tests/observability",
  "tests/stack/alerts_prometheus_test.ts",
  "tests/stack/dashboards_prometheus_test.ts",
];

if (import.meta.main) Deno.exit(await main(Deno.args).catch(explainAndExit));

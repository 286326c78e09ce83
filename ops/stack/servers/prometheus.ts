import { existsSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import type { Place, StackServer } from "../server.ts";
import { unpackDebian } from "./debian.ts";

/**
 * Prometheus as Debian builds it, with the rules of ops/prometheus. It reads `deno task dev` on port 8000 and the parts
 * that run alone on theirs, whichever of them are there.
 */
export const prometheus: StackServer = {
  name: "prometheus",
  onlyWhenNamed: true,
  tools: [],
  ports: { http: 9090 },

  async install(place) {
    await fetchPrometheus(place);
    await Deno.writeTextFile(configFile(place), prometheusConfig(PARTS));
  },

  processes: (place) => [{
    name: "prometheus",
    ...prometheusCommand(place, place.ports["http"] ?? 0),
  }],

  async ready({ ports }, signal) {
    try {
      const answer = await fetch(`http://127.0.0.1:${ports["http"]}/-/ready`, { signal });
      await answer.body?.cancel();
      return answer.ok;
    } catch {
      return false;
    }
  },

  variables: ({ ports }) => ({ PROMETHEUS_URL: `http://127.0.0.1:${ports["http"]}` }),
};

/** What starts it: its configuration is `prometheus.yml` in the place's data. */
export function prometheusCommand({ programs, data }: Pick<Place, "programs" | "data">, port: number) {
  return {
    command: join(programs, "usr/bin/prometheus"),
    args: [
      ...[`--config.file=${configFile({ data })}`, `--storage.tsdb.path=${join(data, "tsdb")}`],
      ...[`--web.listen-address=127.0.0.1:${port}`, "--storage.tsdb.retention.time=3d", "--log.level=warn"],
    ],
  };
}

/** Scrapes the targets under the job that the alerts name, every two seconds. */
export function prometheusConfig(targets: readonly string[]): string {
  return stringify({
    global: { scrape_interval: "2s", evaluation_interval: "5s" },
    rule_files: [join(import.meta.dirname ?? "", "../../prometheus/rules.yml")],
    scrape_configs: [{ job_name: "kependudukan", static_configs: [{ targets }] }],
  });
}

/** Downloads Debian's package without installing it; any user may. */
export async function fetchPrometheus(place: Pick<Place, "programs" | "say" | "run">): Promise<void> {
  const { programs, say, run } = place;
  if (existsSync(join(programs, "usr/bin/promtool"))) return;
  say("Fetching Debian's prometheus, without installing it (50 MB)");
  await unpackDebian({ programs, run }, ["prometheus"]);
}

function configFile({ data }: Pick<Place, "data">): string {
  return join(data, "prometheus.yml");
}

/** The edge in `deno task dev`, or the operators' port of one alone, and the workers. */
const PARTS = [8000, 9000, 8001, 8002, 8003, 8004, 8005].map((port) => `127.0.0.1:${port}`);

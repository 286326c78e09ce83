import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { join } from "node:path";
import { z } from "zod";
import { DASHBOARDS } from "../../ops/grafana/dashboards.ts";
import { prometheusCommand, prometheusConfig } from "../../ops/stack/servers/prometheus.ts";
import { eventually, freePort } from "../e2e/process.ts";
import { startSystem, type System } from "../security/system.ts";
import { prometheusPrograms } from "./prometheus_programs.ts";
import { withoutStack } from "./without_stack.ts";

describe("The dashboards, on a real Prometheus, of a system under load", () => {
  const running = new AsyncDisposableStack();
  let url = "";

  before(async () => {
    const system = await startSystem({
      ...await withoutStack(),
      LOGIN_LIMIT_PER_MINUTE: "3",
      LOG_LEVEL: "error",
    });
    running.defer(() => system.stop());
    const data = await Deno.makeTempDir({ prefix: "prometheus-" });
    running.defer(() => Deno.remove(data, { recursive: true }));
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    await Deno.writeTextFile(join(data, "prometheus.yml"), prometheusConfig([`127.0.0.1:${system.port}`]));
    const { programs } = await prometheusPrograms();
    const { command, args } = prometheusCommand({ programs, data }, port);
    const prometheus = new Deno.Command(command, { args, stdout: "null", stderr: "null" }).spawn();
    running.defer(async () => {
      prometheus.kill();
      await prometheus.status;
    });
    await eventually(
      "Prometheus sees the system",
      async () => (await valuesOf("up == 1")).length > 0,
      60_000,
    );
    await refusals(system);
    await load(system);
  });
  after(() => running.disposeAsync());

  async function valuesOf(expr: string): Promise<readonly number[]> {
    const query = `${url}/api/v1/query?${new URLSearchParams({ query: expr })}`;
    try {
      const answer = await fetch(query, { signal: AbortSignal.timeout(5_000) });
      const text = await answer.text();
      // It reads its files yet.
      if (answer.status === 503) return [];
      const { data: { result } } = Answer.parse(JSON.parse(text));
      return result.map(({ value: [, number] }) => Number(number)).filter((value) => !Number.isNaN(value));
    } catch (error) {
      // It does not listen yet.
      if (error instanceof TypeError) return [];
      throw error;
    }
  }

  for (const { title, rows } of DASHBOARDS) {
    for (const panel of rows.flatMap(({ panels }) => panels)) {
      it(`show something: ${title}, ${panel.title}`, async () => {
        for (const { expr } of panel.queries) {
          await eventually(expr, async () => (await valuesOf(expr)).length > 0, 30_000);
        }
      });
    }
  }

  it("lead no alert to fire that speaks of a fault", async () => {
    const answer = await fetch(`${url}/api/v1/alerts`);
    const { data: { alerts } } = Alerts.parse(await answer.json());
    const firing = alerts.filter(({ state }) => state === "firing").map(({ labels }) => labels["alertname"]);
    // How fast it is depends on what else this machine does.
    assert.deepEqual(
      firing.filter((name) => !/^(Register|StatisticsLag|SmsAccepted|EventLoop)/.test(name ?? "")),
      [],
    );
  });
});

/** What the panels of refusals show: no token, a wrong password, more sign-ins than a minute allows. */
async function refusals({ url }: Pick<System, "url">): Promise<void> {
  await (await fetch(`${url}/stats`)).body?.cancel();
  for (let i = 0; i < 5; i++) {
    const answer = await fetch(`${url}/login`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ username: "petugas", password: "salah" }),
    });
    await answer.body?.cancel();
  }
}

/** Two rounds, so that every counter grows between two scrapes. */
async function load({ url }: Pick<System, "url">): Promise<void> {
  for (let round = 0; round < 2; round++) {
    const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--allow-net",
        "ops/tasks/simulate.ts",
        "--count",
        "300",
        "--concurrency",
        "4",
        "--url",
        url,
      ],
      env: { NO_COLOR: "1" },
    }).output();
    assert.ok(success, new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr));
    await refusals({ url });
  }
}

const Answer = z.object({
  data: z.object({ result: z.array(z.object({ value: z.tuple([z.number(), z.string()]) })) }),
});
const Alerts = z.object({
  data: z.object({
    alerts: z.array(z.object({ state: z.string(), labels: z.record(z.string(), z.string()) })),
  }),
});

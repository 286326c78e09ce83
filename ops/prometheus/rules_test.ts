import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { EFFECT_SECONDS } from "../../shared/telemetry/event_metrics.ts";
import { REQUEST_SECONDS } from "../../shared/telemetry/requests.ts";
import { CASES } from "../../tests/stack/alerts/cases.ts";
import { DASHBOARDS } from "../grafana/dashboards.ts";
import { REGISTER_SECONDS, SLOS, SMS_SECONDS, STATISTICS_SECONDS } from "../slo.ts";
import { GENERATED } from "../tasks/monitoring.ts";
import { metricsIn } from "./metric_names.ts";
import { ALERTS, annotationsOf, RUNBOOKS } from "./rules.ts";

describe("The rules and dashboards", () => {
  for (const { path, text } of GENERATED) {
    it(`are committed as they are made: ${path} (else run \`deno task monitoring\`)`, async () => {
      assert.equal(await Deno.readTextFile(path), text());
    });
  }

  it("leave no file of a dashboard that is made no more", () => {
    const files = Array.from(Deno.readDirSync("ops/grafana"), ({ name }) => name)
      .filter((name) => name.endsWith(".json"));
    assert.deepEqual(files.toSorted(), DASHBOARDS.map(({ uid }) => `${uid}.json`).toSorted());
  });

  it("stand on bounds that the histograms count, so that nothing is estimated", () => {
    const counted = (bounds: readonly number[], bound: number) =>
      assert.ok(bounds.includes(bound), `${bound}`);
    for (const seconds of Object.values(REGISTER_SECONDS)) counted(REQUEST_SECONDS, seconds);
    for (const seconds of [STATISTICS_SECONDS, SMS_SECONDS]) counted(EFFECT_SECONDS, seconds);
  });
});

describe("Each alert", () => {
  it("has a name of its own, a series under which it fires, and one under which it does not", () => {
    const names = ALERTS.map(({ alert }) => alert);
    assert.equal(new Set(names).size, names.length);
    assert.deepEqual(Object.keys(CASES).toSorted(), names.toSorted());
  });

  for (const alert of ALERTS) {
    it(`leads to a runbook that speaks of it: ${alert.alert}`, async () => {
      const url = annotationsOf(alert).runbook_url;
      const page = await Deno.readTextFile(`ops/runbooks/${url.slice(RUNBOOKS.length)}`);
      assert.ok(page.includes(`\`${alert.alert}\``), `${alert.runbook} does not name it`);
    });
  }

  it("watches every service level, and wakes somebody where that is possible", () => {
    for (const { name, budget } of SLOS) {
      const own = ALERTS.filter(({ expr }) => expr.includes(`slo="${name}"`));
      assert.deepEqual(own.map(({ severity }) => severity), budget < 0.1 ? ["page", "ticket"] : ["ticket"]);
    }
  });
});

describe("metricsIn", () => {
  for (
    const [expr, names] of [
      ['max by (le) (rate(a_bucket{x="b"}[5m])) > 1.6e9', ["a"]],
      ["up == 0 and on (c) d:e:f unless sum(g_total)", ["up", "d:e:f", "g_total"]],
      ['sum(rate(h_count{i=~"5.."}[1m])) / sum(rate(j_sum[1m])) or vector(0)', ["h", "j"]],
    ] as const
  ) {
    it(`finds ${names.join(", ")} in ${expr}`, () => assert.deepEqual([...metricsIn(expr)], names));
  }
});

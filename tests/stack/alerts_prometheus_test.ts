import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { join, resolve } from "node:path";
import { stringify } from "yaml";
import { ALERTS, annotationsOf } from "../../ops/prometheus/rules.ts";
import { type AlertCase, CASES, type Series } from "./alerts/cases.ts";
import { prometheusPrograms } from "./prometheus_programs.ts";

const RULES = resolve("ops/prometheus/rules.yml");

describe("The alerts, by promtool", () => {
  let promtool = "";
  let folder = "";

  before(async () => {
    ({ promtool } = await prometheusPrograms());
    folder = await Deno.makeTempDir({ prefix: "alerts-" });
  });
  after(() => Deno.remove(folder, { recursive: true }));

  async function run(...args: readonly string[]): Promise<void> {
    const { success, stdout, stderr } = await new Deno.Command(promtool, { args: [...args] }).output();
    const printed = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
    assert.ok(success, printed);
  }

  it("are rules that Prometheus takes, none of them twice", () => run("check", "rules", RULES));

  it("each fire under a simulated fault, and say which", async () => {
    const file = join(folder, "fires.yml");
    await Deno.writeTextFile(file, testFile((known) => known.fires, true));
    await run("test", "rules", file);
  });

  it("stay silent under series that are close to it", async () => {
    const file = join(folder, "quiet.yml");
    await Deno.writeTextFile(file, testFile((known) => known.quiet, false));
    await run("test", "rules", file);
  });
});

/** https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules/ */
function testFile(seriesOf: (known: AlertCase) => Series, fires: boolean): string {
  const tests = ALERTS.map((alert) => {
    const known = CASES[alert.alert];
    assert.ok(known, `there is no case for ${alert.alert}`);
    const expected = {
      exp_labels: { severity: alert.severity, ...known.labels },
      exp_annotations: annotationsOf(alert),
    };
    return {
      name: alert.alert,
      interval: "1m",
      input_series: Object.entries(seriesOf(known)).map(([series, values]) => ({ series, values })),
      alert_rule_test: [{
        eval_time: `${known.atMinute ?? 25}m`,
        alertname: alert.alert,
        exp_alerts: fires ? [expected] : [],
      }],
    };
  });
  return stringify({ rule_files: [RULES], evaluation_interval: "1m", tests });
}

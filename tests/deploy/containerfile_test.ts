import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { dirname } from "node:path";
import { PORTAL_FOLDER } from "../../shared/adapters/file/portal_folder.ts";
import { z } from "zod";
import { PARTS } from "../../shared/config/config.ts";
import { VARIABLE_NAMES } from "../../shared/config/environment.ts";
import { readContainerfile } from "./containerfile.ts";
import { all, JOBS, one, onlyContainer, Workload } from "./fleet.ts";
import { commandOf, listOf, stage, STAGES } from "./image.ts";

describe("the Containerfile", () => {
  it("has one target for each part and builds nothing else", () => {
    assert.deepEqual([...STAGES.keys()].sort(), ["base", "build", ...PARTS].sort());
  });

  it("takes the Deno that runs the tests, in an image without a shell", () => {
    for (const { from } of STAGES.values()) {
      assert.equal(from, `docker.io/denoland/deno:distroless-${Deno.version.deno}`);
    }
  });

  it("lets a process read the variables of the configuration and no others", () => {
    assert.deepEqual(listOf(stage("base").entrypoint, "--allow-env").sort(), [...VARIABLE_NAMES].sort());
    assert.ok(stage("base").entrypoint.includes("--ignore-env"));
  });

  for (const part of PARTS) {
    it(`gives ${part} a name for every right, and none to write, to run or to load`, () => {
      const rights = commandOf(part).filter((word) => /^(-[A-Z]|--allow|--unstable)/.test(word));
      for (const right of rights) assert.match(right, /^--allow-(env|net|read)=./);
      assert.match(stage(part).user, /^[1-9]\d*:[1-9]\d*$/);
    });

    it(`lets ${part} reach what the network policies let it reach, port by port`, () => {
      const own = new Set(stage(part).ports.map((port) => `0.0.0.0:${port}`));
      const addresses = listOf(stage(part).cmd, "--allow-net");
      const away = addresses.filter((address) => !own.has(address));
      assert.equal(addresses.length - away.length, own.size, "it listens where it exposes no port");
      assert.deepEqual(rising(away.map((address) => Number(address.split(":")[1]))), rising(egressOf(part)));
    });

    it(`starts ${part} as deploy.yml does: the same user, ports, addresses and keys`, () => {
      const workload = one("Deployment", part, Workload);
      const { securityContext } = workload.spec.template.spec;
      assert.equal(`${securityContext["runAsUser"]}:${securityContext["runAsGroup"]}`, stage(part).user);
      const { ports, env } = onlyContainer(workload);
      assert.deepEqual(ports.map(({ containerPort }) => containerPort), stage(part).ports);
      const values = new Map(
        env.map((variable) => [variable.name, "value" in variable ? variable.value : ""]),
      );
      values.delete("TWILIO_STATUS_CALLBACK"); // it names the part itself, for Twilio
      values.delete("OTEL_EXPORTER_OTLP_ENDPOINT");
      const addresses = [...values.values()].flatMap((value) =>
        value.match(/[a-z0-9.-]+\.svc[a-z.]*:\d+/g) ?? []
      );
      for (const address of addresses) {
        assert.ok(listOf(stage(part).cmd, "--allow-net").includes(address), address);
      }
      const files = [...values].flatMap(([name, value]) =>
        name.endsWith("_FILE") && VARIABLE_NAMES.includes(name) ? [dirname(value)] : []
      );
      const page = part === "edge" ? [`/app/${PORTAL_FOLDER}`] : [];
      assert.deepEqual(listOf(stage(part).cmd, "--allow-read"), [...new Set([...page, ...files])].sort());
    });
  }

  for (const job of JOBS) {
    const { name } = job.metadata;
    const { args, env } = onlyContainer(job);

    it(`lets ${name} reach what the network policies let it reach, and read its own secrets alone`, () => {
      const rights = args.filter((word) => word.startsWith("-") && !word.startsWith("--wait="));
      for (const right of rights) assert.match(right, /^--allow-(net|read)=./);
      const ports = listOf(args, "--allow-net").map((address) => Number(address.split(":")[1]));
      assert.deepEqual(rising(ports), rising(egressOf(name)));
      assert.deepEqual(listOf(args, "--allow-read"), ["/run/credentials"]);
      const files = env.flatMap((variable) => "value" in variable ? [variable.value] : [])
        .filter((value) => value.startsWith("/run/"));
      assert.deepEqual([...new Set(files.map(dirname))].sort(), ["/run/credentials", "/run/internal-ca"]);
    });
  }
});

describe("readContainerfile", () => {
  it("inherits what an earlier stage says", () => {
    const stages = readContainerfile(
      'FROM x AS a\nENV A=1 \\\n  B=2\nFROM a AS b\nENV B=3\nCMD ["c", "d"]\n',
    );
    assert.deepEqual(stages.get("b")?.env, { A: "1", B: "3" });
    assert.deepEqual(stages.get("b")?.cmd, ["c", "d"]);
    assert.deepEqual(stages.get("a")?.cmd, []);
  });

  it("refuses an instruction that it does not know, and a command for a shell", () => {
    assert.throws(() => readContainerfile("FROM x AS a\nADD y z"), /"ADD"/);
    assert.throws(() => readContainerfile("FROM x AS a\nRUN rm -rf /"));
    assert.throws(() => readContainerfile("FROM x AS a\nfrom y"));
  });
});

const Egress = z.object({
  spec: z.object({
    podSelector: z.object({ matchLabels: z.record(z.string(), z.string()).default({}) }),
    egress: z.array(z.object({ ports: z.array(z.object({ port: z.int() })) })).default([]),
  }),
});

/** Deno itself sends them, for which the program needs no right. */
const TRACES = 4318;

/** Ports that the network policies open to the part, but for name resolution and traces. */
function egressOf(part: string): readonly number[] {
  return all("NetworkPolicy", Egress)
    .filter(({ spec }) => spec.podSelector.matchLabels["app.kubernetes.io/name"] === part)
    .flatMap(({ spec }) => spec.egress.flatMap(({ ports }) => ports.map(({ port }) => port)))
    .filter((port) => port !== 53 && port !== TRACES);
}

const rising = (numbers: readonly number[]) => [...new Set(numbers)].sort((a, b) => a - b);

import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { parseAllDocuments } from "yaml";
import { z } from "zod";
import { ROUTES } from "../../edge/routes.ts";
import { PARTS } from "../../shared/config/config.ts";
import { JOBS, one, onlyContainer, SERVICES, SOURCE, Workload, WORKLOADS } from "./fleet.ts";

describe("services of deploy.yml", () => {
  it("select one workload each and lead to a port that it names", () => {
    for (const { metadata: { name, namespace }, spec: { selector, ports } } of SERVICES) {
      const selected = WORKLOADS.filter(({ metadata, spec }) =>
        metadata.namespace === namespace &&
        Object.entries(selector).every(([key, value]) => spec.template.metadata.labels[key] === value)
      );
      assert.deepEqual(selected.map(({ metadata }) => metadata.name), [name]);
      const open = selected.flatMap((workload) => onlyContainer(workload).ports);
      for (const { port, targetPort } of ports) {
        assert.deepEqual(open.find(({ name }) => name === targetPort)?.containerPort, port, name);
      }
    }
  });
});

describe("images of deploy.yml", () => {
  it("of our own wait for the tag of the deploy", () => {
    for (const part of PARTS) {
      const { image } = onlyContainer(one("Deployment", part, Workload));
      assert.match(image, new RegExp(`/layanan-kependudukan/${part}:IMAGE_TAG$`));
    }
    for (const job of JOBS) {
      assert.match(onlyContainer(job).image, /\/layanan-kependudukan\/[a-z]+:IMAGE_TAG$/);
    }
  });

  it("of others name a version", () => {
    const others = WORKLOADS.filter(({ metadata }) => !PARTS.some((part) => part === metadata.name));
    const images = others.flatMap((
      { spec: { template: { spec } } },
    ) => [...spec.initContainers, ...spec.containers])
      .map(({ image }) => image);
    for (const image of images) assert.match(image, /:\d+\.\d+\.\d+$/);
    assert.doesNotMatch(SOURCE, /:latest\b/);
  });
});

describe("the CDN's rules in deploy.yml", () => {
  it("keep only what the edge answers by itself, the same for everybody", () => {
    const Ingress = z.object({ metadata: z.object({ annotations: z.record(z.string(), z.string()) }) });
    const text =
      one("Ingress", "edge", Ingress).metadata.annotations["kependudukan.example/cdn-cache-rules"] ?? "";
    const rules = z.array(
      z.object({ path: z.string(), ttlSeconds: z.number(), forward: z.string().optional() }),
    ).parse(JSON.parse(text));
    const kept = rules.filter(({ ttlSeconds }) => ttlSeconds > 0).map(({ path }) => path);
    assert.deepEqual(kept, ["/docs", "/openapi.json"]);
    assert.deepEqual(ROUTES.filter(({ path }) => kept.includes(path)), []);
    const streams = ROUTES.flatMap((route) => "streams" in route && route.streams ? [route.path] : []);
    assert.deepEqual(rules.filter(({ forward }) => forward === "stream").map(({ path }) => path), streams);
    assert.deepEqual(rules.at(-1), { path: "/*", ttlSeconds: 0, forward: "pass" });
  });
});

describe("the text of deploy.yml", () => {
  it("means the same in YAML 1.1, which kubectl reads, and in YAML 1.2", () => {
    const read = (version: "1.1" | "1.2") =>
      parseAllDocuments(SOURCE, { version }).map((document): unknown => document.toJS());
    assert.deepEqual(read("1.1"), read("1.2"));
  });
});

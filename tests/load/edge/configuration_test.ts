import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fastify from "./fastify/package.json" with { type: "json" };
import { haproxyConfiguration } from "./haproxy.ts";
import { nginxConfiguration } from "./origin.ts";

describe("HAProxy, as the edge is compared with it", () => {
  const lines = haproxyConfiguration({
    ...{ port: 8001, issuer: "http://127.0.0.1:1/realms/gov-realm", key: "/k/key.pem" },
    ...{ origin: "127.0.0.1:8002", limit: 50_000 },
  }).split("\n").map((line) => line.trim());
  const lineOf = (part: string) => {
    const at = lines.findIndex((line) => line.includes(part));
    assert.ok(at >= 0, `Expect a line with ${part}`);
    return at;
  };

  it("has one thread, its port and the origin, and keeps its connections", () => {
    for (const line of ["nbthread 1", "bind 127.0.0.1:8001", "server origin 127.0.0.1:8002"]) lineOf(line);
    lineOf("http-reuse always");
  });

  it("refuses another algorithm, issuer or signature and old tokens by 401", () => {
    for (const check of ["str RS256", "/realms/gov-realm }", "jwt_verify(txn.alg,", "sub(txn.now)"]) {
      assert.match(lines[lineOf(check)] ?? "", /^http-request deny deny_status 401 /);
    }
    lineOf('"/k/key.pem"');
  });

  it("counts users only once their token is verified, and refuses beyond the limit by 429", () => {
    assert.ok(lineOf("track-sc0 var(txn.sub)") > lineOf("jwt_verify"));
    assert.match(lines[lineOf("gt 50000")] ?? "", /deny_status 429 /);
  });
});

describe("the origin behind all contenders", () => {
  const configuration = nginxConfiguration("/bench", "127.0.0.1:8002");

  it("gives every request one answer, in one worker, over connections that stay", () => {
    assert.match(configuration, /^worker_processes 1;$/m);
    assert.match(configuration, /^ {4}listen 127\.0\.0\.1:8002 /m);
    assert.match(configuration, /^ {4}location \/ \{ return 200 /m);
    assert.match(configuration, /keepalive_requests \d{9,};/);
  });

  it("writes into the folder of its run only", () => {
    const paths = [...configuration.matchAll(/\s(\/\S+);/g)].map(([, path]) => path);
    assert.ok(paths.length >= 3);
    assert.deepEqual(paths.filter((path) => !path?.startsWith("/bench/")), []);
  });
});

describe("Fastify, as the edge is compared with it", () => {
  it("is of exact versions, so that figures can be compared", () => {
    const versions = Object.values(fastify.dependencies);
    assert.deepEqual(versions.filter((version) => !/^\d+\.\d+\.\d+$/.test(version)), []);
  });
});

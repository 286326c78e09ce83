import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { PARTS } from "../../shared/config/config.ts";
import { VARIABLE_NAMES } from "../../shared/config/environment.ts";
import { PART_VARIABLES } from "../../shared/config/part_variables.ts";
import { SECRET_VARIABLES } from "../../shared/config/secrets.ts";
import { rightsOf } from "./rights.ts";
import denoJson from "../../deno.json" with { type: "json" };

describe("the rights of a part", () => {
  it("are to read its variables and to reach the servers that they name, port by port", () => {
    const environment = {
      PORT: "9005",
      DATABASE_URL: "postgres://relay:rahasia@db.example/kependudukan?sslmode=verify-full",
      KAFKA_BROKERS: "k-0.example:9093, k-1.example:9093",
      MONGODB_URI: "mongodb://nobody@m.example",
    };
    assert.deepEqual(rightsOf("relay", environment, none), [
      "--ignore-env",
      "--allow-env=APP_ENV,HOST,PORT,LOG_LEVEL,LOG_FORMAT,REVISION,OTEL_DENO,OTEL_SERVICE_NAME,OTEL_EXPORTER_OTLP_ENDPOINT," +
      "OTEL_TRACES_SAMPLER,OTEL_TRACES_SAMPLER_ARG,OTEL_PROPAGATORS,OTEL_DENO_METRICS,OTEL_DENO_CONSOLE," +
      "KAFKA_BROKERS,KAFKA_SSL,KAFKA_USERNAME,KAFKA_USERNAME_FILE," +
      "KAFKA_PASSWORD,KAFKA_PASSWORD_FILE,PARTITIONS,KAFKA_REPLICATION,KAFKA_MIN_INSYNC,DATABASE_URL,DATABASE_URL_FILE",
      "--allow-net=127.0.0.1:9005,k-0.example:9093,k-1.example:9093,db.example:5432",
    ]);
  });

  it("are to reach its origins where nothing is said, and every host of a replica set", () => {
    assert.equal(
      net(rightsOf("edge", {
        OPERATIONS_PORT: "9000",
        KEYCLOAK_URL: "https://id.example/auth",
        // Named in tokens and to browsers, never asked.
        KEYCLOAK_ISSUER: "https://masuk.example/realms/gov-realm",
      }, none)),
      "127.0.0.1:8000,127.0.0.1:9000,id.example:443,127.0.0.1:8001,127.0.0.1:8002,127.0.0.1:8003,127.0.0.1:8004",
    );
    const MONGODB_URI = "mongodb://u:p@m-0.example:27018,m-1.example/?tls=true";
    assert.equal(
      net(rightsOf("statistics", { MONGODB_URI }, none)),
      "127.0.0.1:8003,m-0.example:27018,m-1.example:27017",
    );
  });

  it("are to read the files that its variables name, and what these lead to", () => {
    const environment = { DATABASE_URL_FILE: "/run/credentials/DATABASE_URL", KEYS_FILE: "/run/keys.json" };
    const read = (path: string) =>
      path === "/run/credentials/DATABASE_URL" ? "postgres://u:p@db:6432/x\n" : none();
    const rights = rightsOf("registration", environment, read);
    assert.equal(net(rights), "127.0.0.1:8002,db:6432");
    assert.ok(rights.includes("--allow-read=/run/credentials/DATABASE_URL,/run/keys.json"), rights.join(" "));
  });

  it("are to write its audit file, and that only where it has one", () => {
    const file = { AUDIT_FILE: "/var/log/audit.jsonl" };
    assert.ok(!rightsOf("auth", file, none).some((right) => /write|audit\.jsonl/.test(right)));
    const rights = rightsOf("auth", { ...file, AUDIT_SINKS: "file,stdout" }, none);
    assert.deepEqual(rights.slice(-2), [
      "--allow-read=/var/log",
      "--allow-write=/var/log/audit.jsonl",
    ]);
  });

  it("do not grow by a path that would be read as several", () => {
    assert.throws(
      () => rightsOf("registration", { KEYS_FILE: "/a,/etc" }, none),
      /without spaces and commas/,
    );
    assert.throws(() => rightsOf("registration", { KEYS_FILE: "/a --allow-run" }, none), /without spaces/);
  });

  it("are to no secret of another part", () => {
    const own = {
      edge: "GATEWAY",
      auth: "AUTH_SERVICE",
      registration: "PENDAFTARAN",
      relay: "-",
      statistics: "STATISTIK",
      notification: "NOTIFIKASI",
      probe: "PROBE",
    };
    for (const part of PARTS) {
      const clients = PART_VARIABLES[part].filter((name) => name.startsWith("GOV_"));
      assert.deepEqual(clients, part === "relay" ? [] : [`GOV_${own[part]}_SECRET`]);
    }
    for (const part of ["edge", "auth"] as const) {
      const others = ["DATABASE_URL", "MONGODB_URI", "KEYS_FILE", "KAFKA_PASSWORD", "TWILIO_AUTH_TOKEN"];
      assert.deepEqual(PART_VARIABLES[part].filter((name) => others.includes(name)), []);
    }
  });

  it("cover every variable of the configuration", () => {
    const told = new Set<string>(PARTS.flatMap((part) => PART_VARIABLES[part]));
    const names = VARIABLE_NAMES.filter((name) =>
      !SECRET_VARIABLES.some((secret) => name === `${secret}_FILE`)
    );
    assert.deepEqual(names.filter((name) => !told.has(name)), ["DATA_DIR"], "of `deno task dev` alone");
  });
});

describe("the tasks of deno.json", () => {
  const commands = Object.entries(denoJson.tasks).map(([name, { command }]) => [name, command] as const);

  it("name each right; those that need /proc or /dev/shm have all, for Deno opens these to no less", () => {
    const all = commands.filter(([, command]) => /(^| )(-A|--allow-all)( |$)/.test(command));
    assert.deepEqual(all.map(([name]) => name).filter((name) => !NEED_ALL.includes(name)), []);
  });

  it("run programs of any name only where they start the embedded database", () => {
    const any = commands.filter(([, command]) => /--allow-run(?!=)/.test(command));
    assert.deepEqual(any.map(([name]) => name), ["dev", "backends", "test:deploy"]);
  });

  it("load no native code", () => {
    assert.deepEqual(commands.filter(([, command]) => command.includes("--allow-ffi")), []);
  });

  it("give the parts of production rights from the configuration alone", () => {
    for (const part of PARTS) {
      const [, command = ""] = commands.find(([name]) => name === part || name === `worker:${part}`) ?? [];
      assert.match(
        command,
        new RegExp(
          `^deno run --no-prompt \\$\\(deno run [^)]* ops/tasks/rights\\.ts ${part}\\) \\S+main\\.ts$`,
        ),
      );
    }
  });
});

/** They watch the stack's processes, or keep the tests' databases in memory. */
const NEED_ALL = [
  "stack",
  "test",
  "test:stack",
  "test:security",
  "test:browser",
  "test:observability",
  "portal:pictures",
  "chaos",
  "bench",
  "bench:k6",
];

function net(rights: readonly string[]): string | undefined {
  return rights.find((right) => right.startsWith("--allow-net="))?.slice("--allow-net=".length);
}

function none(): never {
  throw new Error("Nothing is to be read");
}

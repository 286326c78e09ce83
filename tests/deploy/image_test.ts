import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { join } from "node:path";
import { PARTS } from "../../shared/config/config.ts";
import { generateKeys } from "../../shared/security/key_ring.ts";
import { eventually } from "../e2e/process.ts";
import { buildImage, commandOf, listOf, stage } from "./image.ts";
import { Job, one, onlyContainer, Workload } from "./fleet.ts";
import { openPod, type Pod, type PodProcess } from "./pod.ts";

describe("an image", () => {
  let folder = "";
  let pod: Pod;
  let backends: PodProcess;
  let forward: PodProcess;
  const running = new Map<string, PodProcess>();
  let variables: Readonly<Record<string, string>> = {};

  before(async () => {
    folder = await Deno.makeTempDir();
    const root = join(folder, "root");
    await Deno.mkdir(root, { mode: 0o755 });
    await Deno.chmod(folder, 0o755);
    await writeKeys(root);
    pod = await openPod({ root, names: [...hostNames(), "elsewhere.example"] });
    backends = pod.beside([Deno.execPath(), "run", "--allow-all", "--no-check", "ops/tasks/backends.ts"], {
      DATA_DIR: join(folder, "data"),
      HOST: "keycloak.services.svc",
      PORT: "8443",
    });
    await buildImage(stage("build"), { context: Deno.cwd(), root });
    await Deno.copyFile("tests/deploy/testdata/probe.ts", join(root, "probe.ts"));
    await eventually(
      "the servers run",
      () => Promise.resolve(/KEYCLOAK_URL/.test(backends.printed())),
      60_000,
    );
    const printed = backends.printed().matchAll(/^export (\w+)='(.*)'$/gm);
    variables = Object.fromEntries([...printed].map(([, name, value]) => [name, value]));
    const { port } = new URL(variables["DATABASE_URL"] ?? "");
    // A part that does not reach PostgreSQL in production finds it behind the address of its own store: what runs here
    // are the embedded adapters, with exactly the addresses that the image may reach.
    forward = pod.beside(
      [Deno.execPath(), "run", "--allow-net", "tests/deploy/testdata/forward.ts", port, "5432", "27017"],
      {},
    );
    for (const part of PARTS) running.set(part, contained(part, commandOf(part)));
    for (const part of PARTS) {
      await eventually(`${part} is healthy`, () => isHealthy(part), 20_000).catch((cause) => {
        throw new Error(running.get(part)?.printed(), { cause });
      });
    }
  });
  after(async () => {
    for (const process of [...running.values(), forward, backends]) await process?.stop();
    await pod?.close();
    await Deno.remove(folder, { recursive: true });
  });

  it("is healthy by its own health command, which fails where nothing listens", async () => {
    for (const part of PARTS) assert.ok(await isHealthy(part), part);
    const [port = ""] = stage("edge").health.slice(-1);
    const elsewhere = stage("edge").health.map((word) => word.replace(port, "9999"));
    assert.notEqual((await contained("edge", elsewhere).ended).code, 0);
  });

  it("holds every part compiled, so that no start spends time on it", async () => {
    const compiled = join(folder, "root/deno-dir/gen/file", folder, "root/app");
    for (const part of PARTS) await Deno.stat(join(compiled, `${stage(part).cmd.at(-1)}.js`));
  });

  it("takes registrations the whole way, each part with no more than its rights", async () => {
    const load = pod.beside([
      Deno.execPath(),
      "run",
      "--allow-all",
      "--no-check",
      "ops/tasks/simulate.ts",
      ...["--count", "20", "--json", "--url", "http://127.0.0.1:8000"],
      ...[
        "--identity",
        "http://keycloak.services.svc:8443",
        "--operations",
        "http://keycloak.services.svc:8443",
      ],
    ], {});
    assert.equal((await load.ended).code, 0, load.printed());
    assert.match(load.printed(), /"agrees":true/);
  });

  for (const part of PARTS) {
    it(`gives an intruder in ${part} no file, no program and no other address`, async () => {
      const readsKeys = part === "registration" || part === "notification";
      const urls = [`http://${ADDRESS_THAT_ANSWERS[part]}/`, "http://elsewhere.example:8001/"];
      const probe = contained(part, [...commandOf(part).slice(0, -1), "/probe.ts", ...urls]);
      await probe.ended;
      assert.deepEqual(JSON.parse(probe.printed()), {
        "fetch from an address of the list": "done",
        "fetch from another port there": "refused",
        "fetch from another host": "refused",
        "import from the network": "refused",
        "import another package": "refused",
        "listen on another port": "refused",
        "read the encryption keys": readsKeys ? "done" : "refused",
        "read its own program": "refused",
        "read the memory of the process": "refused",
        "write a file": "refused",
        "start a program": "refused",
        "load a library": "refused",
        "ask for the name of the machine": "refused",
        "read a variable that the configuration does not know": "undefined",
      });
    });
  }

  it("migrates the database before registration starts, with the right to reach that and nothing else", async () => {
    const [init] = one("Deployment", "registration", Workload).spec.template.spec.initContainers;
    const migration = contained("registration", [...stage("registration").entrypoint, ...init?.args ?? []]);
    assert.equal((await migration.ended).code, 0, migration.printed());
    assert.match(
      migration.printed(),
      /^registry: (applied .+|up to date)\naudit: (applied .+|up to date)\n$/m,
    );
  });

  it("compares registry and statistics by night, with the right to reach their stores and nothing else", async () => {
    const { args } = onlyContainer(one("CronJob", "reconcile", Job));
    const night = contained("statistics", [...stage("statistics").entrypoint, ...args]);
    assert.equal((await night.ended).code, 0, night.printed());
    assert.match(night.printed(), /^Registry and statistics agree in every province$/m);
    assert.match(night.printed(), /^\d\d .+ +\d+ +\d+ +0$/m, "it counted somebody");
  });

  it("refuses to run on defaults, for it is in production unless told otherwise", async () => {
    await Promise.all(PARTS.map(async (part) => {
      const { env, user, workdir } = stage(part);
      const alone = pod.contained(commandOf(part), { env, user, workdir });
      assert.equal((await alone.ended).code, 1, part);
      assert.match(alone.printed(), /^Cannot run: (\w+ must be set in production(; )?)+\n$/, part);
    }));
  });

  it("drains and ends with 0 when told to stop, as the first process of its container", async () => {
    const ended = await Promise.all([...running.values()].map((process) => process.stop()));
    assert.deepEqual(ended.map(({ code }) => code), PARTS.map(() => 0));
  });

  it("loads and uses the drivers of production with its rights", async () => {
    await Promise.all(
      Object.entries(DRIVERS).map(async ([part, [variable, variables]]) => {
        const process = contained(part, commandOf(part), { ...variables, LOG_FORMAT: "json" });
        const told = new RegExp(`${variable}\\W+(is away|trying again)`);
        await eventually(
          `${part} misses the server`,
          () => Promise.resolve(told.test(process.printed())),
          20_000,
        )
          .catch((cause) => Promise.reject(new Error(process.printed(), { cause })))
          .finally(() => process.stop("SIGKILL"));
        assert.doesNotMatch(process.printed(), /NotCapable|Requires|EPERM/, part);
      }),
    );
  });

  async function isHealthy(part: string): Promise<boolean> {
    return (await contained(part, stage(part).health).ended).code === 0;
  }

  function contained(
    part: string,
    command: readonly string[],
    more: Record<string, string> = {},
  ): PodProcess {
    const { env, user, workdir } = stage(part);
    return pod.contained(command, { user, workdir, env: { ...env, ...variablesOf(part), ...more } });
  }

  function variablesOf(part: string): Record<string, string> {
    const { DATABASE_URL = "", KEYCLOAK_URL = "" } = variables;
    const [store] = listOf(stage(part).cmd, "--allow-net").filter((address) =>
      /:(5432|27017)$/.test(address)
    );
    const database = new URL(DATABASE_URL);
    if (store) database.host = store.replace("*", "0");
    return {
      APP_ENV: "development",
      NOT_OURS: "secret",
      KEYCLOAK_URL,
      ...(store && { DATABASE_URL: database.href }),
      ...(listOf(stage(part).cmd, "--allow-read").length > 0 &&
        { KEYS_FILE: "/run/encryption-keys/keys.json" }),
      ...(part === "edge" && ORIGINS),
    };
  }
});

const ORIGINS = {
  AUTH_URL: "http://auth.services.svc:8001",
  REGISTRATION_URL: "http://registration.services.svc:8002",
  STATISTICS_URL: "http://statistics.services.svc:8003",
  NOTIFICATION_URL: "http://notification.services.svc:8004",
};

/** One part for each driver of production, which finds nobody where its server should be. */
const DRIVERS: Readonly<Record<string, readonly [variable: string, variables: Record<string, string>]>> = {
  edge: ["REDIS_URL", { REDIS_URL: "redis://redis.data.svc:6379" }],
  relay: ["KAFKA_BROKERS", { KAFKA_BROKERS: "kafka-kafka-bootstrap.data.svc:9093" }],
  statistics: ["MONGODB_URI", { MONGODB_URI: "mongodb://1.mongodb-svc.data.svc.cluster.local:27017/" }],
  notification: ["TWILIO_API_URL", {
    TWILIO_ACCOUNT_SID: `AC${"0".repeat(32)}`,
    TWILIO_AUTH_TOKEN: "token",
    TWILIO_FROM: "LAYANAN",
  }],
};

/** Of those that each part may reach, one that a server listens at. */
const ADDRESS_THAT_ANSWERS: Readonly<Record<typeof PARTS[number], string>> = {
  edge: "auth.services.svc:8001",
  auth: "keycloak.services.svc:8443",
  registration: "keycloak.services.svc:8443",
  relay: "0.0.0.0:8005",
  statistics: "keycloak.services.svc:8443",
  notification: "keycloak.services.svc:8443",
  probe: "keycloak.services.svc:8443",
};

/** As Kubernetes mounts a Secret: links, which move when the Secret changes. */
async function writeKeys(root: string): Promise<void> {
  const mount = join(root, "run/encryption-keys");
  await Deno.mkdir(join(mount, "..2026_11_22"), { recursive: true });
  const file = join(mount, "..2026_11_22/keys.json");
  await Deno.writeTextFile(file, generateKeys(new Date()), { mode: 0o440 });
  const [uid, gid] = stage("base").user.split(":").map(Number);
  await Deno.chown(file, uid ?? null, gid ?? null);
  await Deno.symlink("..2026_11_22", join(mount, "..data"));
  await Deno.symlink("..data/keys.json", join(mount, "keys.json"));
}

function hostNames(): readonly string[] {
  const addresses = PARTS.flatMap((part) => listOf(stage(part).cmd, "--allow-net"));
  const names = addresses.map((address) => address.split(":")[0]?.replace("*", "0") ?? "");
  return [...new Set(names)].filter((name) => /[a-z]/.test(name));
}

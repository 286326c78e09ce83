import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { createClient } from "../../../shared/adapters/kafka/client.ts";
import type { Place, StackServer } from "../server.ts";
import { makeCertificate } from "./kafka_certificate.ts";
import { CREDENTIALS, type KafkaNode, nodesOf, propertiesOf } from "./kafka_nodes.ts";

/** Apache Kafka from Maven Central: one broker, or three that replicate; each is a controller too. */
export const kafka: StackServer = {
  name: "kafka",
  tools: [
    { command: "java", versionArgs: ["-version"], installWith: "apt-get install -y openjdk-17-jre-headless" },
    { command: "mvn", versionArgs: ["-version"], installWith: "apt-get install -y maven" },
  ],
  ports: {
    ...{ client: 9092, secure: 9093, controller: 9094 },
    ...{ client2: 9192, secure2: 9193, controller2: 9194 },
    ...{ client3: 9292, secure3: 9293, controller3: 9294 },
  },

  async install(place) {
    await fetchJars(place);
    await makeCertificate(place);
  },

  async processes(place) {
    const nodes = nodesOf(place);
    const clusterId = await clusterIdOf(place);
    await Promise.all(nodes.map((node) => prepare(place, node, clusterId)));
    return nodes.map((node) => ({
      name: `kafka-${node.id}`,
      command: "java",
      args: [...JVM, ...sharedClasses(place, node), "kafka.Kafka", propertiesFile(node)],
      cwd: place.programs,
    }));
  },

  async ready(place, signal) {
    const admin = createClient({ brokers: nodesOf(place).map((node) => node.address) }).admin();
    const leave = () => void admin.disconnect();
    signal.addEventListener("abort", leave);
    try {
      await admin.connect();
      return (await admin.describeCluster()).brokers.length === place.brokers;
    } catch {
      return false;
    } finally {
      signal.removeEventListener("abort", leave);
      await admin.disconnect();
    }
  },

  variables: (place) => ({
    KAFKA_BROKERS: addresses(place, "address"),
    KAFKA_REPLICATION: String(place.brokers),
    KAFKA_MIN_INSYNC: String(Math.min(place.brokers, 2)),
    // For tests: the way in by TLS and password, and the programs, by which they start brokers to kill.
    KAFKA_SECURE_BROKERS: addresses(place, "secureAddress"),
    KAFKA_HOME: place.programs,
  }),
};

function addresses(place: Place, kind: "address" | "secureAddress"): string {
  return nodesOf(place).map((node) => node[kind]).join(",");
}

async function fetchJars({ programs, say, run }: Place): Promise<void> {
  const wanted = await Deno.readTextFile(POM);
  const [pom, fetched] = [join(programs, "pom.xml"), join(programs, "fetched.xml")];
  if (existsSync(fetched) && await Deno.readTextFile(fetched) === wanted) return;
  say("Fetching Apache Kafka with Maven (45 MB)");
  for (const old of ["jars", CLASSES]) {
    await Deno.remove(join(programs, old), { recursive: true }).catch(ignoreNotFound);
  }
  await Deno.writeTextFile(pom, wanted);
  const goal = ["dependency:copy-dependencies", `-DoutputDirectory=${join(programs, "jars")}`];
  await run("mvn", ["--batch-mode", "-f", pom, ...goal], { cwd: programs });
  await Deno.rename(pom, fetched);
}

/** The same at each start, for it is written into the data. */
async function clusterIdOf(place: Place): Promise<string> {
  const file = join(place.data, `of-${place.brokers}`, "cluster-id");
  await Deno.mkdir(dirname(file), { recursive: true });
  if (!existsSync(file)) await Deno.writeTextFile(file, randomId());
  return await Deno.readTextFile(file);
}

function randomId(): string {
  return crypto.getRandomValues(new Uint8Array(16)).toBase64({ alphabet: "base64url", omitPadding: true });
}

/** Writes the node's settings, for the ports may have moved, and formats its data folder when that is new. */
async function prepare(place: Place, node: KafkaNode, clusterId: string): Promise<void> {
  const file = propertiesFile(node);
  await Deno.writeTextFile(file, propertiesOf(place, node));
  if (existsSync(join(node.logDir, "meta.properties"))) return;
  const { username, password } = CREDENTIALS;
  const user = ["--add-scram", `SCRAM-SHA-512=[name=${username},password=${password}]`];
  // One word, for one id of 64 begins with a hyphen.
  const format = [
    "kafka.tools.StorageTool",
    "format",
    "--config",
    file,
    `--cluster-id=${clusterId}`,
    ...user,
  ];
  await place.run("java", [...JVM, ...format], { cwd: place.programs });
}

function propertiesFile({ logDir }: KafkaNode): string {
  return `${logDir}.properties`;
}

/** Halves the start: the first broker that ends in peace leaves behind what the JVM made of its classes. */
function sharedClasses({ programs }: Place, { id }: KafkaNode): readonly string[] {
  const archive = join(programs, CLASSES);
  if (existsSync(archive)) return [`-XX:SharedArchiveFile=${archive}`];
  return id === 1 ? [`-XX:ArchiveClassesAtExit=${archive}`] : [];
}

function ignoreNotFound(error: unknown): void {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}

const CLASSES = "classes.jsa";
const POM = join(import.meta.dirname ?? "", "kafka_pom.xml");

const JVM = [
  ...["-Xms64m", "-Xmx400m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"],
  ...["-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-Dorg.slf4j.simpleLogger.log.kafka.server=info"],
  ...["-cp", "jars/*"],
];

import { existsSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { putTemplates } from "../../elasticsearch/templates.ts";
import type { Place, ProcessPlan, StackServer } from "../server.ts";
import { fetchRsyslog, linesFolder, rsyslogProcess, writeRsyslogConfig } from "./rsyslog.ts";

/**
 * Elasticsearch 8.19 from Maven Central with the templates of ops/elasticsearch, and the rsyslog that ships to it what
 * is written into ELASTICSEARCH_LINES. The build has few modules: `GET /` answers 405, and the lifecycle of a data
 * stream is kept, but nothing carries it out.
 */
export const elasticsearch: StackServer = {
  name: "elasticsearch",
  onlyWhenNamed: true,
  tools: [
    { command: "java", versionArgs: ["-version"], installWith: "apt-get install -y openjdk-17-jre-headless" },
    { command: "mvn", versionArgs: ["-version"], installWith: "apt-get install -y maven" },
  ],
  ports: { http: 9200, transport: 9300 },

  async install(place) {
    await fetchElasticsearch(place);
    await fetchRsyslog(place);
    await writeConfig(place);
    await writeRsyslogConfig(place);
  },

  processes: (place) => [elasticsearchProcess(place), rsyslogProcess(place)],

  async ready(place, signal) {
    try {
      const answer = await fetch(`${url(place)}/_cluster/health`, { signal });
      await answer.body?.cancel();
      if (!answer.ok) return false;
      // Without them it takes no line.
      await putTemplates(url(place), signal);
      return true;
    } catch (error) {
      if (error instanceof TypeError) return false; // It does not listen yet.
      throw error;
    }
  },

  variables: (place) => ({ ELASTICSEARCH_URL: url(place), ELASTICSEARCH_LINES: linesFolder(place) }),
};

function elasticsearchProcess(place: Place): ProcessPlan {
  // It refuses to run as root, and root's folders are closed to others: it gets a name for root's rights.
  const notAsRoot = Deno.uid() === 0 ? "unshare --user --map-user=65534 --map-group=65534" : "";
  return {
    name: "elasticsearch",
    command: "sh",
    args: ["-c", `${JAVA_HOME} exec ${notAsRoot} "$0"`, join(home(place), "bin/elasticsearch")],
    env: {
      ES_PATH_CONF: configFolder(place),
      ES_TMPDIR: folderOf(place, "temporary"),
      ES_JAVA_OPTS: "-Xms512m -Xmx512m",
    },
  };
}

async function fetchElasticsearch(place: Place): Promise<void> {
  if (existsSync(home(place))) return;
  place.say("Fetching Elasticsearch with Maven (107 MB)");
  const unpacked = join(place.programs, "unpacked");
  await place.run("mvn", [
    ...["--batch-mode", "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:unpack"],
    `-Dartifact=org.elasticsearch.distribution.integ-test-zip:elasticsearch:${VERSION}:zip`,
    `-DoutputDirectory=${unpacked}`,
  ], { cwd: place.programs });
  await Deno.rename(join(unpacked, `elasticsearch-${VERSION}`), home(place));
}

async function writeConfig(place: Place): Promise<void> {
  const settings = {
    "cluster.name": "kependudukan-stack",
    "discovery.type": "single-node",
    "network.host": "127.0.0.1",
    "http.port": place.ports["http"],
    "transport.port": place.ports["transport"],
    "path.data": folderOf(place, "data"),
    "path.logs": folderOf(place, "logs"),
    // Nobody but this machine reaches it.
    "xpack.security.enabled": false,
    // A line that comes before the templates would make an index without them; they allow it for theirs.
    "action.auto_create_index": false,
    // A developer's disk is often nearly full.
    "cluster.routing.allocation.disk.threshold_enabled": false,
  };
  const config = configFolder(place);
  await Deno.writeTextFile(join(config, "elasticsearch.yml"), stringify(settings));
  await Deno.writeTextFile(join(config, "jvm.options"), JVM.join("\n"));
  await Deno.writeTextFile(join(config, "log4j2.properties"), LOG_TO_CONSOLE);
}

function configFolder(place: Place): string {
  return folderOf(place, "config");
}

function folderOf({ data }: Place, name: string): string {
  const folder = join(data, name);
  Deno.mkdirSync(folder, { recursive: true });
  return folder;
}

function home({ programs }: Place): string {
  return join(programs, `elasticsearch-${VERSION}`);
}

function url({ ports }: Place): string {
  return `http://127.0.0.1:${ports["http"]}`;
}

const VERSION = "8.19.21";

/** It looks for a Java of its own, which this build lacks. */
const JAVA_HOME = 'ES_JAVA_HOME="$(dirname "$(dirname "$(readlink -f "$(command -v java)")")")"';

const JVM = [
  ...["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:+ExitOnOutOfMemoryError"],
  "-Djava.io.tmpdir=${ES_TMPDIR}",
];

const LOG_TO_CONSOLE = `status = error
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = [%d{ISO8601}][%-5p][%c{1.}] %m%n
rootLogger.level = warn
rootLogger.appenderRef.console.ref = console
`;

import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Place, ProcessPlan } from "../server.ts";
import { unpackDebian } from "./debian.ts";

/** Where JSON lines are put to be shipped: files `*.jsonl`, of audit and application lines in any order. */
export function linesFolder({ data }: Pick<Place, "data">): string {
  const folder = linesPath(data);
  Deno.mkdirSync(folder, { recursive: true });
  return folder;
}

/** Debian's rsyslog with its module for Elasticsearch, and the libraries that a machine without rsyslog lacks. */
export async function fetchRsyslog(place: Place): Promise<void> {
  if (existsSync(program(place))) return;
  place.say("Fetching Debian's rsyslog, without installing it");
  const libraries = ["libestr0", "libfastjson4", "liblognorm5"];
  await unpackDebian(place, ["rsyslog", "rsyslog-elasticsearch", ...libraries]);
}

export function rsyslogProcess(place: Place): ProcessPlan {
  return {
    name: "rsyslog",
    command: program(place),
    args: ["-n", "-iNONE", "-f", configFile(place), "-M", join(libraries(place), "rsyslog")],
    env: { LD_LIBRARY_PATH: libraries(place) },
  };
}

export async function writeRsyslogConfig(place: Place): Promise<void> {
  const queue = join(place.data, "queue");
  await Deno.mkdir(queue, { recursive: true });
  await Deno.writeTextFile(configFile(place), rsyslogConfig({ ...place, queue }));
}

/**
 * A line goes from its file into a queue on disk and leaves that when Elasticsearch has it, so that neither an outage
 * nor a kill loses one; what is sent again is known by its id. `event.id` is the id, and the data stream the one that
 * ops/filebeat/filebeat.yml would choose.
 *
 * The module takes an error that answers a whole request (429, 503) for the last word on its lines and puts them into
 * `refused.jsonl`. `indextimeout` is shorter than the minute after which Elasticsearch without a master answers so, for
 * a request without an answer is repeated.
 */
export function rsyslogConfig({ data, queue, ports }: RsyslogPlace): string {
  const onDisk = (name: string) =>
    `queue.type="Disk" queue.filename="${name}" queue.spoolDirectory="${queue}" queue.checkpointInterval="1"
  queue.size="200000" queue.maxFileSize="16m" queue.dequeueBatchSize="500" queue.timeoutEnqueue="600000"`;
  return `global(workDirectory="${queue}" maxMessageSize="256k")
module(load="imfile" mode="inotify")
module(load="mmjsonparse")
module(load="omelasticsearch")
template(name="document" type="string" string="%$.document%")
template(name="stream" type="string" string="logs-kependudukan.%$.stream%-default")
template(name="id" type="string" string="%$.id%")
template(name="text" type="list") {
  constant(value="{") property(name="timegenerated" dateFormat="rfc3339" outname="@timestamp" format="jsonf")
  constant(value=",") property(name="msg" outname="message" format="jsonf") constant(value="}")
}
template(name="refusal" type="string" string="%$.omes!status% %$.omes!error!type% %$.document%\\n")

input(type="imfile" file="${linesPath(data)}/*.jsonl" tag="lines" ruleset="ship"
  persistStateAfterSubmission="on" reopenOnTruncate="on")

ruleset(name="ship" ${onDisk("ship")}) {
  action(type="mmjsonparse" cookie="")
  set $.document = $msg;
  if $parsesuccess != "OK" then set $.document = exec_template("text");
  call send
}

# Lines of a request in which one failed, each with its answer.
ruleset(name="answered" ${onDisk("answered")} queue.dequeueSlowDown="10000") {
  if $.omes!status < 300 or $.omes!status == 409 then stop
  set $.document = $!;
  if $.omes!status == 400 then {
    action(type="omfile" file="${join(data, "refused.log")}" template="refusal")
    stop
  }
  call send
}

ruleset(name="send") {
  set $.id = $!event.id;
  if strlen($.id) == 0 then set $.id = $uuid;
  set $.stream = "app";
  if strlen($!kependudukan.chain.hash) > 0 then set $.stream = "audit";
  action(type="omelasticsearch" server="127.0.0.1" serverport="${ports["http"]}"
    bulkmode="on" writeoperation="create" searchType="" template="document"
    dynSearchIndex="on" searchIndex="stream" dynbulkid="on" bulkid="id"
    indextimeout="20000" action.resumeRetryCount="-1" action.resumeInterval="1" action.resumeIntervalMax="5"
    retryfailures="on" retryruleset="answered" ratelimit.interval="0"
    errorfile="${join(data, "refused.jsonl")}")
}

action(type="omfile" file="${join(data, "rsyslog.log")}")
`;
}

type RsyslogPlace = Pick<Place, "data" | "ports"> & { readonly queue: string };

function linesPath(data: string): string {
  return join(data, "lines");
}

function configFile({ data }: Pick<Place, "data">): string {
  return join(data, "rsyslog.conf");
}

function program({ programs }: Pick<Place, "programs">): string {
  return join(programs, "usr/sbin/rsyslogd");
}

function libraries({ programs }: Pick<Place, "programs">): string {
  return join(programs, `usr/lib/${Deno.build.arch}-linux-gnu`);
}

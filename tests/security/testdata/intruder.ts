import * as childProcess from "node:child_process";
import * as dgram from "node:dgram";
import * as fs from "node:fs";
import * as http from "node:http";
import * as net from "node:net";
import process from "node:process";
import { DatabaseSync } from "node:sqlite";

/**
 * Malicious code in the place of a part's own module, with the rights of its task: tries one thing after the other and
 * prints of each whether Deno refused it, as a line of JSON: [what, "refused" or what happened]. `intruder.ts ELSEWHERE FOLDER`: a server that
 * the part has no business with, and a folder with `secret.json`, `module.ts`, `.env` and a Unix socket.
 */
const [elsewhere = "http://127.0.0.1:9", folder = ""] = Deno.args;
const { hostname, port } = new URL(elsewhere);
const secret = `${folder}/secret.json`;
const at = { hostname, port: Number(port) };

export const ATTEMPTS: Readonly<Record<string, () => unknown>> = {
  "read the users of the machine": () => Deno.readTextFile("/etc/passwd"),
  "read somebody else's secret": () => Deno.readTextFile(secret),
  "read somebody else's secret by Node's module": () => fs.readFileSync(secret),
  "read somebody else's secret by fetch": () => fetch(`file://${secret}`),
  "read somebody else's secret by import": () => import(`file://${secret}`, { with: { type: "json" } }),
  "read .env": () => Deno.readTextFile(`${folder}/.env`),
  "read its own configuration": () => Deno.readTextFile("deno.json"),
  "read the variables of its process": () => Deno.readFile("/proc/self/environ"),
  "read the memory of its process": () => Deno.open("/proc/self/mem"),
  "list a folder": () => Array.from(Deno.readDirSync(folder)),
  "look at a file": () => Deno.stat(secret),
  "run a module from a file": () => import(`file://${folder}/module.ts`),
  "go to another folder": () => Deno.chdir(folder),

  "write a file": () => Deno.writeTextFile(`${folder}/written`, ""),
  "write a file by Node's module": () => fs.writeFileSync(`${folder}/written`, ""),
  "make a temporary file": () => Deno.makeTempFile({ dir: folder }),
  "open a database file": () => new DatabaseSync(`${folder}/written.db`).close(),
  "make a link to a secret": () => Deno.symlink(secret, `${folder}/link-${crypto.randomUUID()}`),
  "remove a file": () => Deno.remove(`${folder}/.env`),
  "change the mode of a file": () => Deno.chmod(secret, 0o644),

  "start a program": () => new Deno.Command("true").output(),
  "start a program by Node's module": () => started(childProcess.spawnSync("true")),
  "start itself with more rights": () =>
    new Deno.Command(Deno.execPath(), { args: ["eval", "Deno.readTextFileSync('/etc/passwd')"] }).output(),
  "send a signal to another process": () => Deno.kill(Deno.ppid, "SIGCONT"),
  "load a library": () => Deno.dlopen(LIBRARY, {}).close(),
  "load a native module": () => process.dlopen({ exports: {} }, LIBRARY),
  "read somebody else's secret in a thread": () =>
    inWorker(`Deno.readTextFileSync(${JSON.stringify(secret)})`),
  "ask for more rights": async () => granted(await Deno.permissions.request({ name: "read" })),

  "read a variable of somebody else": () => known(Deno.env.get("NOT_OURS")),
  "read a variable of somebody else by Node's module": () => known(process.env["NOT_OURS"]),
  "read all variables": () => known(Deno.env.toObject()["NOT_OURS"]),
  "read the search path": () => known(Deno.env.get("PATH")),

  "fetch from another server": () => fetch(elsewhere).then((response) => response.body?.cancel()),
  "connect to another server": async () => (await Deno.connect(at)).close(),
  "connect to another server by Node's module": () =>
    emitted(net.connect({ host: hostname, port: at.port }), "connect"),
  "ask another server by Node's HTTP": () => emitted(http.get(elsewhere), "response"),
  "open a WebSocket to another server": () => opened(new WebSocket(elsewhere.replace("http", "ws"))),
  "send a datagram": () => sent(dgram.createSocket("udp4")),
  "connect to a socket of the machine": async () =>
    (await Deno.connect({ transport: "unix", path: `${folder}/socket` })).close(),
  "ask a name server of its own": () =>
    Deno.resolveDns("a.invalid", "A", { nameServer: { ipAddr: hostname, port: at.port } }),
  "listen on another port": () => Deno.listen({ hostname: "127.0.0.1", port: 0 }).close(),
  "run a module from the network": () => import(`${elsewhere}/module.ts`),
  "ask for the name of the machine": () => Deno.hostname(),
  "ask for the addresses of the machine": () => Deno.networkInterfaces(),
  "ask for the user of the process": () => known(Deno.uid()),
};

const LIBRARY = "/proc/self/exe";

async function outcomeOf(attempt: () => unknown): Promise<string> {
  const late = new Promise((_, reject) => setTimeout(() => reject(new Error("too late")), 3_000));
  try {
    await Promise.race([attempt(), late]);
    return "done";
  } catch (error) {
    if (error instanceof NotGiven) return "refused";
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    return /^(NotCapable|PermissionDenied)$/.test(name) || /Requires \w+ access/.test(message)
      ? "refused"
      : `${name}: ${message}`;
  }
}

/** What Deno hides rather than refuses. */
class NotGiven extends Error {}

function known(value: unknown): void {
  if (value === undefined || value === null) throw new NotGiven();
}

function granted({ state }: Deno.PermissionStatus): void {
  if (state !== "granted") throw new NotGiven();
}

function started({ status }: { status: number | null }): void {
  if (status !== 0) throw new NotGiven();
}

function sent(socket: dgram.Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.on("error", reject);
    // Node's module throws a refusal past everybody who could catch it.
    process.once("uncaughtException", reject);
    socket.send("x", at.port, hostname, (error) => error ? reject(error) : resolve());
  });
}

function emitted(
  source: { once(event: string, listener: (value: unknown) => void): unknown },
  event: string,
) {
  return new Promise((resolve, reject) => {
    source.once(event, resolve);
    source.once("error", reject);
  });
}

function opened(socket: WebSocket): Promise<unknown> {
  return new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = (event) => reject(event instanceof ErrorEvent ? event.error : event);
  });
}

function inWorker(code: string): Promise<unknown> {
  const source = `try { ${code}; postMessage("done"); } catch (error) { postMessage(error.name); }`;
  const worker = new Worker(URL.createObjectURL(new Blob([source])), { type: "module" });
  return new Promise((resolve, reject) => {
    worker.onerror = (event) => reject(event.error);
    worker.onmessage = ({ data }) =>
      data === "done" ? resolve(data) : reject(Object.assign(new Error(data), { name: data }));
  });
}

if (import.meta.main) {
  for (const [what, attempt] of Object.entries(ATTEMPTS)) {
    const line = JSON.stringify([what, await outcomeOf(attempt)]);
    Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
  }
  Deno.exit(0);
}

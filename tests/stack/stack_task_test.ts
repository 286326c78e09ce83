import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { down } from "../../ops/stack/down.ts";
import { isAlive, type ProcessId } from "../../ops/stack/process.ts";
import { readRecords } from "../../ops/stack/records.ts";
import type { StackServer } from "../../ops/stack/server.ts";
import { openStack, type Stack } from "../../ops/stack/stack.ts";
import { type ProcessStatus, status } from "../../ops/stack/status.ts";
import { table } from "../../ops/stack/table.ts";
import { up } from "../../ops/stack/up.ts";
import { eventually, freePort } from "../e2e/process.ts";
import { shell, tinyProcess, tinyServer } from "./tiny_server.ts";

describe("deno task stack", () => {
  let dir = "";
  let ports: readonly [number, number];
  let printed: string[];
  let stack: Stack;
  beforeEach(async () => {
    dir = await Deno.makeTempDir({ prefix: "stack-task-" });
    ports = [await freePort(), await freePort()];
    printed = [];
    stack = open(tinyServer("satu", ports[0]), tinyServer("dua", ports[1]));
  });
  afterEach(async () => {
    await down(stack, { graceMs: 1_000 });
    await Deno.remove(dir, { recursive: true });
  });

  it("starts the servers, keeps them when told again, and stops them with nothing left", async () => {
    await up(stack);
    const first = await status(stack);
    assert.deepEqual(first.map(stateOf), ["dua ready", "satu ready"]);
    await up(stack);
    assert.deepEqual(await status(stack), first, "other processes run now");
    assert.ok(printed.includes("satu: runs already"));
    await down(stack);
    assert.deepEqual(await status(stack), []);
    for (const { pid } of first) assert.ok(!await runs(pid), "A process was left");
    await down(stack);
    assert.ok(printed.includes("Nothing runs"));
  });

  it("leaves the variables of what runs for the owner's eyes alone, until all is stopped", async () => {
    await up(stack, { only: ["satu"] });
    assert.equal(
      await Deno.readTextFile(stack.variables),
      `export SATU_URL='http://127.0.0.1:${ports[0]}'\n`,
    );
    assert.equal((Deno.statSync(stack.variables).mode ?? 0) & 0o777, 0o600);
    await up(stack, { only: ["dua"] });
    assert.match(await Deno.readTextFile(stack.variables), /^export SATU_URL=.*\nexport DUA_URL=.*\n$/);
    await down(stack);
    assert.ok(!existsSync(stack.variables));
  });

  it("says that a killed server is down, and starts it again, on the same data", async () => {
    await up(stack);
    const victim = await processOf("satu");
    await Deno.writeTextFile(join(stack.data("satu"), "isi"), "kept");
    await kill(victim.pid);
    assert.deepEqual((await status(stack)).map(stateOf), ["dua ready", "satu down"]);
    await up(stack);
    assert.deepEqual((await status(stack)).map(stateOf), ["dua ready", "satu ready"]);
    assert.notEqual((await processOf("satu")).pid, victim.pid);
    assert.ok(existsSync(stack.log("satu.previous")), "The log of the killed one is gone");
    await down(stack);
    assert.ok(existsSync(join(stack.data("satu"), "isi")));
    await down(stack, { data: true });
    assert.ok(!existsSync(stack.allData));
  });

  it("starts only what is missing of a server that has several processes", async () => {
    const processes = () => [tinyProcess("satu-1", ports[0]), tinyProcess("satu-2", ports[1])];
    stack = open(tinyServer("satu", ports[0], { processes }));
    await up(stack);
    const [one, two] = await status(stack);
    assert(one && two);
    await kill(two.pid);
    await up(stack);
    const [oneAfter, twoAfter] = await status(stack);
    assert.deepEqual(oneAfter, one);
    assert.notEqual(twoAfter?.pid, two.pid);
  });

  it("comes back with three brokers after a crash, and forgets two of them when told that one is enough", async () => {
    const processes: StackServer["processes"] = ({ brokers }) =>
      Array.from({ length: brokers }, (_, i) => shell(`satu-${i + 1}`, "sleep 60"));
    stack = open(tinyServer("satu", ports[0], { processes, ready: () => Promise.resolve(true) }));
    await up(stack, { brokers: 3 });
    const crash = async () => {
      for (const { pid } of await status(stack)) await kill(pid);
    };
    await crash();
    await up(stack);
    assert.deepEqual((await status(stack)).map(stateOf), ["satu-1 ready", "satu-2 ready", "satu-3 ready"]);
    await crash();
    await up(stack, { brokers: 1 });
    assert.deepEqual((await status(stack)).map(stateOf), ["satu-1 ready"]);
  });

  it("keeps the port that a server runs on when another is configured meanwhile", async () => {
    await up(stack, { only: ["satu"] });
    stack = open(tinyServer("satu", await freePort()));
    await up(stack);
    assert.deepEqual((await processOf("satu")).ports, { http: ports[0] });
  });

  it("never touches a process that got the number of one of its own", async () => {
    await up(stack, { only: ["satu"] });
    const { pid } = await processOf("satu");
    await kill(pid);
    const stranger = new Deno.Command("sleep", { args: ["60"] }).spawn();
    try {
      const record = join(stack.records, "satu.json");
      const text = await Deno.readTextFile(record);
      await Deno.writeTextFile(record, text.replace(`"pid":${pid}`, `"pid":${stranger.pid}`));
      assert.deepEqual((await status(stack)).map(stateOf), ["satu down"]);
      await down(stack);
      assert.ok(await runs(stranger.pid), "A stranger was killed");
    } finally {
      stranger.kill();
      await stranger.status;
    }
  });

  it("kills what does not stop when it is asked, and what that has started", async () => {
    const processes = () => [shell("satu", "trap '' TERM; sleep 60 & echo $!; while :; do sleep 0.1; done")];
    stack = open(tinyServer("satu", ports[0], { processes, ready: () => Promise.resolve(true) }));
    await up(stack);
    await eventually("the child is known", async () => await Deno.readTextFile(stack.log("satu")) !== "");
    const child = Number(await Deno.readTextFile(stack.log("satu")));
    const { pid } = await processOf("satu");
    await down(stack, { graceMs: 200 });
    assert.ok(!await runs(pid));
    await eventually("the child is gone", async () => !await runs(child));
  });

  it("lets its processes run on in sessions of their own when it ends itself", async () => {
    const module = import.meta.resolve("../../ops/stack/process.ts");
    const plan = JSON.stringify(shell("x", "echo $PPID; exec sleep 60"));
    const code = `import { startProcess } from "${module}";
      console.log(JSON.stringify(await startProcess(${plan}, "${dir}/x.log")));`;
    const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["eval", code] }).output();
    const id: ProcessId = JSON.parse(new TextDecoder().decode(stdout));
    assert.ok(await isAlive(id));
    const [, , , session] = (await Deno.readTextFile(`/proc/${id.pid}/stat`)).split(") ")[1]?.split(" ") ??
      [];
    assert.equal(Number(session), id.pid);
    Deno.kill(id.pid, "SIGKILL");
  });

  it("names every tool that is missing and how to install it, before anything starts", async () => {
    const tool = { versionArgs: ["--version"], installWith: "apt-get install alat" };
    stack = open(
      tinyServer("satu", ports[0]),
      tinyServer("dua", ports[1], {
        tools: [{ ...tool, command: "alat-tidak-ada" }, { ...tool, command: "false" }],
      }),
    );
    await assertRefused(
      up(stack),
      'Program "alat-tidak-ada" is missing: install it with "apt-get install alat"\n' +
        'Program "false" is missing: install it with "apt-get install alat"',
    );
    assert.deepEqual(await status(stack), []);
  });

  it("names every port that is in use and the variable that moves it, before anything starts", async () => {
    using _other = Deno.listen({ hostname: "127.0.0.1", port: ports[1] });
    await assertRefused(
      up(stack),
      `Port ${ports[1]} of dua is in use: stop the other program or set STACK_DUA_PORT to a free port`,
    );
    assert.deepEqual(await status(stack), []);
  });

  it("shows the last lines of a server that dies during its start; the others run on", async () => {
    const processes = () => [shell("satu", "for i in $(seq 100); do echo baris $i; done; exit 3")];
    stack = open(tinyServer("satu", ports[0], { processes }), tinyServer("dua", ports[1]));
    const lines = Array.from({ length: 15 }, (_, i) => `    baris ${i + 86}`).join("\n");
    await assertRefused(
      up(stack),
      `Cannot bring up satu: Process "satu" ended during its start; the last lines of "${
        stack.log("satu")
      }":\n` +
        lines,
    );
    assert.deepEqual((await status(stack)).map(stateOf), ["dua ready", "satu down"]);
    assert.ok(!existsSync(stack.variables), "Variables were left that lead to a server which is not there");
  });

  it("says why when a program cannot be started at all", async () => {
    const processes = () => [{ name: "satu", command: "program-tidak-ada", args: [] }];
    stack = open(tinyServer("satu", ports[0], { processes }));
    await assert.rejects(up(stack), /Process "satu" ended during its start[^]*program-tidak-ada: not found/);
  });

  it("does not take a stranger's answer for a server that has died", async () => {
    const processes = () => [shell("satu", "exit 1")];
    const ready = async () => {
      await eventually("it has died", async () => (await readRecords(stack)).every(({ alive }) => !alive));
      return true;
    };
    stack = open(tinyServer("satu", ports[0], { processes, ready }));
    await assert.rejects(up(stack), /Process "satu" ended during its start/);
  });

  it("gives up on a server that never serves, and at once on one that says it never will", async () => {
    const processes = () => [shell("satu", "echo menunggu; sleep 60")];
    stack = open(tinyServer("satu", ports[0], { processes, ready: () => Promise.resolve(false) }));
    await assert.rejects(up(stack, { readyMs: 300 }), /It does not serve after 0 s; [^]*menunggu/);
    const ready = () => Promise.reject(new Error("the licence has expired"));
    stack = open(tinyServer("satu", ports[0], { processes, ready }));
    await assertRefused(up(stack), "Cannot bring up satu: the licence has expired");
  });

  it("shows the last lines of an installation that fails", async () => {
    const install: StackServer["install"] = (place) =>
      place.run("sh", ["-c", "echo tidak ada jaringan; exit 7"]);
    stack = open(tinyServer("satu", ports[0], { install }));
    await assertRefused(
      up(stack),
      'Cannot bring up satu: "sh" failed with exit code 7:\n    tidak ada jaringan',
    );
  });

  it("does not work on the same folder twice at once", async () => {
    const outcomes = await Promise.allSettled([up(stack), up(stack), down(stack)]);
    const refused = outcomes.filter(({ status }) => status === "rejected");
    assert.equal(refused.length, 2);
    for (const outcome of refused) {
      assert(outcome.status === "rejected");
      assert.match(
        outcome.reason.message,
        /^Another "deno task stack" works on ".*": wait until it has ended$/,
      );
    }
  });

  it("does not mix a stack of one broker with one of three, and refuses an unknown server", async () => {
    await up(stack, { only: ["satu"], brokers: 3 });
    await assertRefused(
      up(stack, { brokers: 1 }),
      'The stack runs for 3 brokers: run "deno task stack down" first',
    );
    await up(stack);
    await assertRefused(up(stack, { only: ["tiga"] }), 'Server "tiga" is unknown: choose from satu, dua');
  });

  it("starts what a chosen server needs as well", async () => {
    const needs = (name: string, port: number, ...needs: readonly string[]) =>
      tinyServer(name, port, { needs });
    stack = open(needs("satu", ports[0]), needs("dua", ports[1], "satu"), needs("tiga", await freePort()));
    await up(stack, { only: ["dua"] });
    assert.deepEqual((await status(stack)).map(stateOf), ["dua ready", "satu ready"]);
  });

  it("shows each process with its port", async () => {
    await up(stack, { only: ["satu"] });
    const { pid } = await processOf("satu");
    const [head, row] = table(await status(stack)).split("\n");
    assert.match(head ?? "", /^ {2}server {2}process {2}pid +state +ports/);
    assert.equal(row, `  satu    satu     ${pid}  ready  ${ports[0]} http`);
  });

  function open(...servers: readonly StackServer[]): Stack {
    const ports = Object.fromEntries(servers.map(({ name, ports }) => [name, ports]));
    return openStack({ dir, servers, ports, print: (line) => printed.push(line) });
  }

  async function processOf(name: string): Promise<ProcessStatus> {
    const found = (await status(stack)).find(({ process }) => process === name);
    assert(found, `Nothing was started as "${name}"`);
    return found;
  }
});

function stateOf({ process, state }: ProcessStatus): string {
  return `${process} ${state}`;
}

async function assertRefused(work: Promise<void>, message: string): Promise<void> {
  await assert.rejects(work, { name: "StackError", message });
}

async function kill(pid: number): Promise<void> {
  Deno.kill(pid, "SIGKILL");
  await eventually("the process is gone", async () => !await runs(pid));
}

/** Whether a process of this number runs, zombies apart. */
async function runs(pid: number): Promise<boolean> {
  const { stdout } = await new Deno.Command("ps", { args: ["-o", "stat=", "-p", String(pid)] }).output();
  return /^[^Z\s]/.test(new TextDecoder().decode(stdout));
}

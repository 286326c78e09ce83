import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { down } from "../../ops/stack/down.ts";
import { identify, isAlive, type ProcessId } from "../../ops/stack/process_id.ts";
import type { StackServer } from "../../ops/stack/server.ts";
import { status } from "../../ops/stack/status.ts";
import { table } from "../../ops/stack/table.ts";
import { up } from "../../ops/stack/up.ts";
import { eventually, freePort } from "../e2e/process.ts";
import { shell, tinyProcess, tinyServer } from "./tiny_server.ts";
import { kill, runs, TinyStack } from "./tiny_stack.ts";

describe("deno task stack", () => {
  let world: TinyStack;
  beforeEach(async () => world = await TinyStack.make());
  afterEach(() => world.remove());

  it("starts the servers, keeps them when told again, and stops them with nothing left", async () => {
    await up(world.stack);
    const first = await status(world.stack);
    assert.deepEqual(await world.states(), ["dua ready", "satu ready"]);
    await up(world.stack);
    assert.deepEqual(await status(world.stack), first, "other processes run now");
    assert.ok(world.printed.includes("satu: runs already"));
    await down(world.stack);
    assert.deepEqual(await status(world.stack), []);
    for (const { pid } of first) assert.ok(!await runs(pid), "A process was left");
    await down(world.stack);
    assert.ok(world.printed.includes("Nothing runs"));
  });

  it("leaves the variables of what runs for the owner's eyes alone, until all is stopped", async () => {
    await up(world.stack, { only: ["satu"] });
    assert.equal(
      await Deno.readTextFile(world.stack.variables),
      `export SATU_URL='http://127.0.0.1:${world.ports[0]}'\n`,
    );
    assert.equal((Deno.statSync(world.stack.variables).mode ?? 0) & 0o777, 0o600);
    await up(world.stack, { only: ["dua"] });
    assert.match(await Deno.readTextFile(world.stack.variables), /^export SATU_URL=.*\nexport DUA_URL=.*\n$/);
    await down(world.stack);
    assert.ok(!existsSync(world.stack.variables));
  });

  it("starts a server that only helps to look when it is named, beside the usual ones", async () => {
    const [satu, dua] = world.stack.servers;
    assert.ok(satu && dua);
    world.open(satu, { ...dua, onlyWhenNamed: true });
    await up(world.stack);
    assert.deepEqual(await world.states(), ["satu ready"]);
    await up(world.stack, { with: ["dua"] });
    assert.deepEqual(await world.states(), ["dua ready", "satu ready"]);
  });

  it("says that a killed server is down, and starts it again, on the same data", async () => {
    await up(world.stack);
    const victim = await world.processOf("satu");
    await Deno.writeTextFile(join(world.stack.data("satu"), "isi"), "kept");
    await kill(victim.pid);
    assert.deepEqual(await world.states(), ["dua ready", "satu down"]);
    await up(world.stack);
    assert.deepEqual(await world.states(), ["dua ready", "satu ready"]);
    assert.notEqual((await world.processOf("satu")).pid, victim.pid);
    assert.ok(existsSync(world.stack.log("satu.previous")), "The log of the killed one is gone");
    await down(world.stack);
    assert.ok(existsSync(join(world.stack.data("satu"), "isi")));
    await down(world.stack, { data: true });
    assert.ok(!existsSync(world.stack.allData));
  });

  it("starts only what is missing of a server that has several processes", async () => {
    const processes = () => [tinyProcess("satu-1", world.ports[0]), tinyProcess("satu-2", world.ports[1])];
    world.open(tinyServer("satu", world.ports[0], { processes }));
    await up(world.stack);
    const [one, two] = await status(world.stack);
    assert(one && two);
    await kill(two.pid);
    await up(world.stack);
    const [oneAfter, twoAfter] = await status(world.stack);
    assert.deepEqual(oneAfter, one);
    assert.notEqual(twoAfter?.pid, two.pid);
  });

  it("comes back with three brokers after a crash, and forgets two of them when told that one is enough", async () => {
    const processes: StackServer["processes"] = ({ brokers }) =>
      Array.from({ length: brokers }, (_, i) => shell(`satu-${i + 1}`, "exec sleep 60"));
    world.open(tinyServer("satu", world.ports[0], { processes, ready: () => Promise.resolve(true) }));
    await up(world.stack, { brokers: 3 });
    const crash = async () => {
      for (const { pid } of await status(world.stack)) await kill(pid);
    };
    await crash();
    await up(world.stack);
    assert.deepEqual(await world.states(), ["satu-1 ready", "satu-2 ready", "satu-3 ready"]);
    await crash();
    await up(world.stack, { brokers: 1 });
    assert.deepEqual(await world.states(), ["satu-1 ready"]);
  });

  it("keeps the port that a server runs on when another is configured meanwhile", async () => {
    await up(world.stack, { only: ["satu"] });
    world.open(tinyServer("satu", await freePort()));
    await up(world.stack);
    assert.deepEqual((await world.processOf("satu")).ports, { http: world.ports[0] });
  });

  it("never touches a process that got the number of one of its own", async () => {
    await up(world.stack, { only: ["satu"] });
    const { pid } = await world.processOf("satu");
    await kill(pid);
    // Detached, so that its number is a group's as well.
    const stranger = new Deno.Command("sleep", { args: ["60"], detached: true }).spawn();
    try {
      const record = join(world.stack.records, "satu.json");
      const text = await Deno.readTextFile(record);
      await Deno.writeTextFile(record, text.replace(`"pid":${pid}`, `"pid":${stranger.pid}`));
      assert.deepEqual(await world.states(), ["satu down"]);
      await down(world.stack);
      assert.ok(await runs(stranger.pid), "A stranger was killed");
    } finally {
      stranger.kill();
      await stranger.status;
    }
  });

  it("kills what does not stop when it is asked, and what that has started", async () => {
    const processes = () => [shell("satu", "trap '' TERM; sleep 60 & echo $!; while :; do sleep 0.1; done")];
    world.open(tinyServer("satu", world.ports[0], { processes, ready: () => Promise.resolve(true) }));
    await up(world.stack);
    await eventually(
      "the child is known",
      async () => await Deno.readTextFile(world.stack.log("satu")) !== "",
    );
    const child = Number(await Deno.readTextFile(world.stack.log("satu")));
    const { pid } = await world.processOf("satu");
    await down(world.stack, { graceMs: 200 });
    assert.ok(!await runs(pid));
    await eventually("the child is gone", async () => !await runs(child));
  });

  it("ends what a killed process has left behind, before it starts anew and when it stops", async () => {
    const processes = () => [shell("satu", "sleep 60 & echo $!; wait")];
    world.open(tinyServer("satu", world.ports[0], { processes, ready: () => Promise.resolve(true) }));
    for (const next of [up, down]) {
      await up(world.stack);
      await eventually(
        "the child is known",
        async () => await Deno.readTextFile(world.stack.log("satu")) !== "",
      );
      const child = Number(await Deno.readTextFile(world.stack.log("satu")));
      await kill((await world.processOf("satu")).pid);
      assert.ok(await runs(child), "The child ended with its parent");
      await next(world.stack);
      assert.ok(!await runs(child), "The child was left");
    }
  });

  it("lets its processes run on in sessions of their own when it ends itself", async () => {
    const module = import.meta.resolve("../../ops/stack/process.ts");
    const plan = JSON.stringify(shell("x", "echo $PPID; exec sleep 60"));
    const code = `import { startProcess } from "${module}";
      console.log(JSON.stringify(await startProcess(${plan}, "${world.dir}/x.log")));`;
    const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["eval", code] }).output();
    const id: ProcessId = JSON.parse(new TextDecoder().decode(stdout));
    assert.ok(await isAlive(id));
    const [, , , session] = (await Deno.readTextFile(`/proc/${id.pid}/stat`)).split(") ")[1]?.split(" ") ??
      [];
    assert.equal(Number(session), id.pid);
    Deno.kill(id.pid, "SIGKILL");
  });

  it("takes a process that has ended for gone, though its parent never asks how it ended", async () => {
    const processes = () => [shell("satu", "sleep 0.3 & echo $!; exec sleep 60")];
    world.open(tinyServer("satu", world.ports[0], { processes, ready: () => Promise.resolve(true) }));
    await up(world.stack);
    await eventually(
      "the child is known",
      async () => await Deno.readTextFile(world.stack.log("satu")) !== "",
    );
    const child = await identify(Number(await Deno.readTextFile(world.stack.log("satu"))));
    assert(child);
    await eventually("the child is a zombie", async () => !await runs(child.pid));
    assert.ok(existsSync(`/proc/${child.pid}`), "It is gone altogether");
    assert.equal(await isAlive(child), false);
  });

  it("starts what a chosen server needs as well", async () => {
    const needs = (name: string, port: number, ...needs: readonly string[]) =>
      tinyServer(name, port, { needs });
    world.open(
      needs("satu", world.ports[0]),
      needs("dua", world.ports[1], "satu"),
      needs("tiga", await freePort()),
    );
    await up(world.stack, { only: ["dua"] });
    assert.deepEqual(await world.states(), ["dua ready", "satu ready"]);
  });

  it("shows each process with its port", async () => {
    await up(world.stack, { only: ["satu"] });
    const { pid } = await world.processOf("satu");
    const [head, row] = table(await status(world.stack)).split("\n");
    assert.match(head ?? "", /^ {2}server {2}process {2}pid +state +ports/);
    assert.equal(row, `  satu    satu     ${pid}  ready  ${world.ports[0]} http`);
  });
});

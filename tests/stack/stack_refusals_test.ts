import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { down } from "../../ops/stack/down.ts";
import { readRecords } from "../../ops/stack/records.ts";
import type { StackServer } from "../../ops/stack/server.ts";
import { status } from "../../ops/stack/status.ts";
import { up } from "../../ops/stack/up.ts";
import { eventually } from "../e2e/process.ts";
import { shell, tinyServer } from "./tiny_server.ts";
import { TinyStack } from "./tiny_stack.ts";

describe("deno task stack up, when it cannot", () => {
  let world: TinyStack;
  beforeEach(async () => world = await TinyStack.make());
  afterEach(() => world.remove());

  it("names every tool that is missing and how to install it, before anything starts", async () => {
    const tool = { versionArgs: ["--version"], installWith: "apt-get install alat" };
    world.open(
      tinyServer("satu", world.ports[0]),
      tinyServer("dua", world.ports[1], {
        tools: [{ ...tool, command: "alat-tidak-ada" }, { ...tool, command: "false" }],
      }),
    );
    await assertRefused(
      up(world.stack),
      'Program "alat-tidak-ada" is missing: install it with "apt-get install alat"\n' +
        'Program "false" is missing: install it with "apt-get install alat"',
    );
    assert.deepEqual(await status(world.stack), []);
  });

  it("names every port that is in use and the variable that moves it, before anything starts", async () => {
    using _other = Deno.listen({ hostname: "127.0.0.1", port: world.ports[1] });
    await assertRefused(
      up(world.stack),
      `Port ${world.ports[1]} of dua is in use: stop the other program or set STACK_DUA_PORT to a free port`,
    );
    assert.deepEqual(await status(world.stack), []);
  });

  it("shows the last lines of a server that dies during its start; the others run on", async () => {
    const processes = () => [shell("satu", "for i in $(seq 100); do echo baris $i; done; exit 3")];
    world.open(tinyServer("satu", world.ports[0], { processes }), tinyServer("dua", world.ports[1]));
    const lines = Array.from({ length: 15 }, (_, i) => `    baris ${i + 86}`).join("\n");
    await assertRefused(
      up(world.stack),
      `Cannot bring up satu: Process "satu" ended during its start; the last lines of "${
        world.stack.log("satu")
      }":\n` +
        lines,
    );
    assert.deepEqual(await world.states(), ["dua ready", "satu down"]);
    assert.ok(
      !existsSync(world.stack.variables),
      "Variables were left that lead to a server which is not there",
    );
  });

  it("says why when a program cannot be started at all", async () => {
    const processes = () => [{ name: "satu", command: "program-tidak-ada", args: [] }];
    world.open(tinyServer("satu", world.ports[0], { processes }));
    await assert.rejects(
      up(world.stack),
      /Process "satu" ended during its start[^]*program-tidak-ada: not found/,
    );
  });

  it("does not take a stranger's answer for a server that has died", async () => {
    const processes = () => [shell("satu", "exit 1")];
    const ready = async () => {
      await eventually(
        "it has died",
        async () => (await readRecords(world.stack)).every(({ alive }) => !alive),
      );
      return true;
    };
    world.open(tinyServer("satu", world.ports[0], { processes, ready }));
    await assert.rejects(up(world.stack), /Process "satu" ended during its start/);
  });

  it("gives up on a server that never serves, and at once on one that says it never will", async () => {
    const processes = () => [shell("satu", "echo menunggu; sleep 60")];
    world.open(tinyServer("satu", world.ports[0], { processes, ready: () => Promise.resolve(false) }));
    await assert.rejects(up(world.stack, { readyMs: 300 }), /It does not serve after 0 s; [^]*menunggu/);
    const ready = () => Promise.reject(new Error("the licence has expired"));
    world.open(tinyServer("satu", world.ports[0], { processes, ready }));
    await assertRefused(up(world.stack), "Cannot bring up satu: the licence has expired");
    assert.deepEqual(await world.states(), ["satu not ready"]);
  });

  it("shows the last lines of an installation that fails", async () => {
    const install: StackServer["install"] = (place) =>
      place.run("sh", ["-c", "echo tidak ada jaringan; exit 7"]);
    world.open(tinyServer("satu", world.ports[0], { install }));
    await assertRefused(
      up(world.stack),
      'Cannot bring up satu: "sh" failed with exit code 7:\n    tidak ada jaringan',
    );
  });

  it("does not work on the same folder twice at once", async () => {
    const [begun, goOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const install: StackServer["install"] = () => {
      begun.resolve();
      return goOn.promise;
    };
    world.open(tinyServer("satu", world.ports[0], { install }));
    const first = up(world.stack);
    await begun.promise;
    const message = /^Another "deno task stack" works on ".*": wait until it has ended$/;
    await assert.rejects(up(world.stack), { message });
    await assert.rejects(down(world.stack), { message });
    goOn.resolve();
    await first;
  });

  it("does not mix a stack of one broker with one of three, and refuses an unknown server", async () => {
    await up(world.stack, { only: ["satu"], brokers: 3 });
    await assertRefused(
      up(world.stack, { brokers: 1 }),
      'The stack runs for 3 brokers: run "deno task stack down" first',
    );
    await up(world.stack);
    await assertRefused(
      up(world.stack, { only: ["tiga"] }),
      'Server "tiga" is unknown: choose from satu, dua',
    );
  });
});

async function assertRefused(work: Promise<void>, message: string): Promise<void> {
  await assert.rejects(work, { name: "StackError", message });
}

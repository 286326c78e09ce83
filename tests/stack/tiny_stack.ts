import assert from "node:assert/strict";
import { down } from "../../ops/stack/down.ts";
import type { StackServer } from "../../ops/stack/server.ts";
import { openStack, type Stack } from "../../ops/stack/stack.ts";
import { type ProcessStatus, status } from "../../ops/stack/status.ts";
import { eventually, freePort } from "../e2e/process.ts";
import { tinyServer } from "./tiny_server.ts";

/** A stack in a folder of its own, at first of two tiny servers, "satu" and "dua". */
export class TinyStack {
  readonly printed: string[] = [];
  stack: Stack;

  static async make(): Promise<TinyStack> {
    const dir = await Deno.makeTempDir({ prefix: "stack-task-" });
    return new TinyStack(dir, [await freePort(), await freePort()]);
  }

  private constructor(readonly dir: string, readonly ports: readonly [number, number]) {
    this.stack = this.open(tinyServer("satu", ports[0]), tinyServer("dua", ports[1]));
  }

  /** Goes on in the same folder with other servers. */
  open(...servers: readonly StackServer[]): Stack {
    const ports = Object.fromEntries(servers.map(({ name, ports }) => [name, ports]));
    const print = (line: string) => void this.printed.push(line);
    return this.stack = openStack({ dir: this.dir, servers, ports, print });
  }

  /** Each process and how it does, for instance "satu ready". */
  async states(): Promise<readonly string[]> {
    return (await status(this.stack)).map(({ process, state }) => `${process} ${state}`);
  }

  async processOf(name: string): Promise<ProcessStatus> {
    const found = (await status(this.stack)).find(({ process }) => process === name);
    assert(found, `Nothing was started as "${name}"`);
    return found;
  }

  async remove(): Promise<void> {
    await down(this.stack, { graceMs: 1_000 });
    await Deno.remove(this.dir, { recursive: true });
  }
}

export async function kill(pid: number): Promise<void> {
  Deno.kill(pid, "SIGKILL");
  await eventually("the process is gone", async () => !await runs(pid));
}

/** Whether a process of this number runs, zombies apart. */
export async function runs(pid: number): Promise<boolean> {
  const { stdout } = await new Deno.Command("ps", { args: ["-o", "stat=", "-p", String(pid)] }).output();
  return /^[^Z\s]/.test(new TextDecoder().decode(stdout));
}

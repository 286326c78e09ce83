import { type KafkaEventLogOptions, openKafkaEventLog } from "../../shared/adapters/kafka/event_log.ts";

/** A member of the statistics group in a process of its own, to be killed or frozen in the middle of its batches. */
export function startMember(options: KafkaEventLogOptions): Member {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "--allow-all", import.meta.url, JSON.stringify(options)],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let heard = "";
  return {
    async said(line) {
      while (!heard.includes(`${line}\n`)) {
        const { value, done } = await lines.read();
        if (done) throw new Error(`Member ended before it said "${line}"`);
        heard += value;
      }
    },
    async letGo() {
      const writer = child.stdin.getWriter();
      await writer.write(new Uint8Array(1));
      writer.releaseLock();
    },
    send: (signal) => child.kill(signal),
    async kill() {
      child.kill("SIGKILL");
      await child.status;
      await lines.cancel();
      await child.stdin.close();
    },
  };
}

export interface Member {
  /** Resolves when it has printed the line: "begun" or "done" and the first value of the batch. */
  said(line: string): Promise<void>;
  /** From now on its handlers end, as if all were well. */
  letGo(): Promise<void>;
  send(signal: Deno.Signal): void;
  kill(): Promise<void>;
}

async function main(): Promise<void> {
  const options: KafkaEventLogOptions = JSON.parse(Deno.args[0] ?? "");
  const log = await openKafkaEventLog(options);
  const letGo = Deno.stdin.read(new Uint8Array(1));
  const say = (line: string) => Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
  await log.consume("pendaftaran-events", "statistics-group", async ({ records }) => {
    const value = new TextDecoder().decode(records[0]?.value ?? new Uint8Array());
    say(`begun ${value}`);
    await letGo;
    say(`done ${value}`);
  }).start();
}

if (import.meta.main) await main();

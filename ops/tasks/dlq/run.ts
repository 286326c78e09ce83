import { type FiledLetter, markLetters, readLetters } from "../../../shared/dead_letters/letters.ts";
import { replay } from "../../../shared/dead_letters/replay.ts";
import { isWanted, type Wanted } from "../../../shared/dead_letters/wanted.ts";
import type { Audit, AuditActor, AuditEntry } from "../../../shared/ports/audit.ts";
import type { EventLog } from "../../../shared/ports/event_log.ts";
import type { Command } from "./options.ts";
import { HEAD, toRow, toText } from "./print.ts";

/** Carries the command out and answers the exit code. Rejects when the log or the audit fails. */
export async function run(command: Exclude<Command, { name: "help" }>, world: World): Promise<number> {
  switch (command.name) {
    case "list":
      await record(world, { action: "dlq.list", outcome: "success" });
      return await list(
        lettersOf(world, command.wanted, (letter) => command.all || letter.state === "open"),
        world,
      );
    case "show":
      await record(world, { action: "dlq.show", outcome: "success" });
      return await show(lettersOf(world, { ids: new Set([command.id]) }), command.id, world);
    case "replay":
    case "drop": {
      const failed = await complainOfOthers(command.wanted, world);
      if (command.dryRun) return Math.max(failed, await list(openLettersOf(world, command.wanted), world));
      const change = command.name === "replay" ? replayAll : dropAll;
      const count = await change(openLettersOf(world, command.wanted), world);
      world.say(`${letters(count)} ${command.name === "replay" ? "replayed" : "dropped"}`);
      return failed;
    }
  }
}

export interface World {
  readonly eventLog: Pick<EventLog, "read" | "publish">;
  readonly audit: Audit;
  readonly actor: AuditActor;
  /** Prints a line. */
  readonly say: (line: string) => void;
  readonly complain: (line: string) => void;
  /** Told how many were dealt with so far. */
  readonly onProgress: (done: number) => void;
  /** Ends the work after the letters under way. */
  readonly stop: AbortSignal;
}

async function list(found: AsyncIterable<FiledLetter>, { say }: World): Promise<number> {
  let count = 0;
  for await (const letter of found) {
    if (count++ === 0) say(HEAD);
    say(toRow(letter));
  }
  say(letters(count));
  return 0;
}

async function show(
  letters: AsyncIterable<FiledLetter>,
  id: string,
  { say, complain }: World,
): Promise<number> {
  for await (const letter of letters) {
    say(toText(letter));
    return 0;
  }
  complain(`Letter "${id}" is not there`);
  return 1;
}

async function replayAll(letters: AsyncIterable<FiledLetter>, world: World): Promise<number> {
  const { eventLog, stop } = world;
  return await recorded(
    "dlq.replay",
    world,
    (onProgress) => replay(letters, { eventLog, signal: stop, onProgress }),
  );
}

async function dropAll(letters: AsyncIterable<FiledLetter>, world: World): Promise<number> {
  return await recorded("dlq.drop", world, async (onProgress) => {
    const all = await Array.fromAsync(letters);
    world.stop.throwIfAborted();
    await markLetters(world.eventLog, all, "dropped", AbortSignal.timeout(MARK_MS));
    onProgress(all.length);
    return all.length;
  });
}

/** What was done before it failed is recorded too. */
async function recorded(
  action: "dlq.replay" | "dlq.drop",
  world: World,
  change: (onProgress: (done: number) => void) => Promise<number>,
): Promise<number> {
  let count = 0;
  const onProgress = (done: number) => {
    count = done;
    world.onProgress(done);
  };
  try {
    await change(onProgress);
  } catch (error) {
    // The part under way may have been published although it failed: then it is replayed once more.
    await record(world, { action, outcome: "failure", reason: "PARTLY_FAILED", count });
    throw error;
  }
  await record(world, { action, outcome: "success", count });
  return count;
}

/** Says which of the ids that were named are not open; answers 1 when one is not there at all. */
async function complainOfOthers(wanted: Wanted, world: World): Promise<number> {
  if (!wanted.ids) return 0;
  const absent = new Set(wanted.ids);
  for await (const { id, state } of lettersOf(world, wanted)) {
    absent.delete(id);
    if (state !== "open") world.complain(`Letter "${id}" was ${state} already`);
  }
  for (const id of absent) world.complain(`Letter "${id}" is not there`);
  return absent.size > 0 ? 1 : 0;
}

function openLettersOf(world: World, wanted: Wanted): AsyncGenerator<FiledLetter> {
  return lettersOf(world, wanted, ({ state }) => state === "open");
}

async function* lettersOf(
  { eventLog, stop }: World,
  wanted: Wanted,
  which: (letter: FiledLetter) => boolean = () => true,
): AsyncGenerator<FiledLetter> {
  const signal = AbortSignal.any([stop, AbortSignal.timeout(READ_MS)]);
  for await (const letter of readLetters(eventLog, signal)) {
    if (isWanted(letter, wanted) && which(letter)) yield letter;
  }
}

async function record({ audit, actor }: World, entry: Omit<AuditEntry, "actor">): Promise<void> {
  await audit.record({ ...entry, actor });
}

function letters(count: number): string {
  return count === 1 ? "1 letter" : `${count} letters`;
}

const READ_MS = 30 * 60_000;
const MARK_MS = 60_000;

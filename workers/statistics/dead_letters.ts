import type { Context, Handler } from "hono";
import { type FiledLetter, readLetters } from "../../shared/dead_letters/letters.ts";
import { replay } from "../../shared/dead_letters/replay.ts";
import { isWanted, type Wanted } from "../../shared/dead_letters/wanted.ts";
import type { AppEnv } from "../../shared/http/app.ts";
import { deadlineOf } from "../../shared/http/deadline.ts";
import { invalidInput, readJson } from "../../shared/http/json_body.ts";
import { Problem } from "../../shared/http/problem.ts";
import { readStore } from "../../shared/http/read_store.ts";
import {
  LETTERS_LIMIT,
  type LettersPage,
  LettersQuery,
  REPLAY_LIMIT,
  type ReplayAnswer,
  ReplayInput,
} from "../../shared/http/schemas/dead_letters.ts";
import type { EventLog } from "../../shared/ports/event_log.ts";

/** `GET /surat-gagal`: the open letters of all groups, the newest first; nothing of what is in them. */
export function listLetters(eventLog: Pick<EventLog, "read">): Handler<AppEnv> {
  return async function listLetters(c) {
    const { limit, before } = parseQuery(c);
    return c.json<LettersPage>(await readStore(c, page(readLetters(eventLog, deadlineOf(c)), limit, before)));
  };
}

/** `POST /surat-gagal/kirim-ulang`: gives open letters back to the group that failed, as `deno task dlq replay` does. */
export function replayLetters(eventLog: Pick<EventLog, "read" | "publish">): Handler<AppEnv> {
  return async function replayLetters(c) {
    const input = await readJson(c, ReplayInput);
    const wanted: Wanted = "ids" in input ? { ids: new Set(input.ids) } : input;
    const signal = deadlineOf(c);
    let left = 0;
    async function* chosen() {
      let count = 0;
      for await (const letter of readLetters(eventLog, signal)) {
        if (letter.state !== "open" || !isWanted(letter, wanted)) continue;
        if (count++ < REPLAY_LIMIT) yield letter;
        else left++;
      }
    }
    try {
      const onProgress = (replayed: number) => c.set("count", replayed);
      const replayed = await replay(chosen(), { eventLog, signal, onProgress });
      return c.json<ReplayAnswer>({ replayed, left });
    } catch (cause) {
      throw new Problem(
        "STORE_UNAVAILABLE",
        "Sebagian surat mungkin sudah dikirim ulang; muat ulang daftarnya, lalu coba lagi",
        { cause },
      );
    }
  };
}

/** Keeps no more of them than two pages at once, however many there are. */
async function page(
  letters: AsyncIterable<FiledLetter>,
  limit: number,
  before: string | undefined,
): Promise<LettersPage> {
  const bound = before === undefined ? undefined : readCursor(before);
  const causes = new Map<string, LettersPage["causes"][number]>();
  let shown: Shown[] = [];
  let open = 0;
  for await (
    const { id, state, failure: { group, code, message, attempts, firstFailedAt, traceId } } of letters
  ) {
    if (state !== "open") continue;
    open++;
    const cause = { group, code: printable(code), count: 0 };
    const name = `${group} ${cause.code}`;
    if (causes.has(name) || causes.size < CAUSES) {
      causes.set(name, { ...cause, count: (causes.get(name)?.count ?? 0) + 1 });
    }
    const letter = {
      id,
      group,
      code: cause.code,
      message: printable(message),
      attempts,
      firstFailedAt,
      traceId,
    };
    if (bound && byNewest(bound, letter) >= 0) continue;
    shown.push(letter);
    if (shown.length > 2 * limit) shown = shown.sort(byNewest).slice(0, limit + 1);
  }
  shown.sort(byNewest);
  const last = shown[limit - 1];
  return {
    open,
    causes: [...causes.values()].sort((a, b) => b.count - a.count),
    letters: shown.slice(0, limit).map(({ firstFailedAt, ...letter }) => {
      return { ...letter, firstFailedAt: firstFailedAt.toISOString() };
    }),
    next: last && shown.length > limit ? `${last.firstFailedAt.getTime()}_${last.id}` : null,
  };
}

function byNewest(a: Placed, b: Placed): number {
  const [earlier, later] = [a.firstFailedAt.getTime(), b.firstFailedAt.getTime()];
  return later - earlier || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0);
}

function readCursor(cursor: string): Placed {
  const [milliseconds = "", id = ""] = cursor.split("_");
  return { firstFailedAt: new Date(Number(milliseconds)), id };
}

/** Our own words hold no number that long: whoever else wrote it may have put in anything. */
function printable(text: string): string {
  return text.replace(/\d{6,}/g, "…").slice(0, 200);
}

function parseQuery(c: Context<AppEnv>) {
  const { limit, before } = c.req.queries();
  const parsed = LettersQuery.safeParse({ limit: limit?.[0], before: before?.[0] });
  if (parsed.success && (limit?.length ?? 0) <= 1 && (before?.length ?? 0) <= 1) return parsed.data;
  throw invalidInput([
    { field: "limit", detail: `Harus satu bilangan bulat dari 1 sampai ${LETTERS_LIMIT}` },
    { field: "before", detail: "Harus `next` dari halaman sebelumnya" },
  ]);
}

interface Placed {
  readonly id: string;
  readonly firstFailedAt: Date;
}

type Shown = Omit<LettersPage["letters"][number], "firstFailedAt"> & Placed;

/** A code beyond these is still among the letters. */
const CAUSES = 100;

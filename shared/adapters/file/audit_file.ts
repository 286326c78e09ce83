import type { AuditSink, SealedLine } from "../../ports/audit_sink.ts";
import { readSealed } from "../../security/audit/read_sealed.ts";

/**
 * Keeps audit lines in a file of JSON lines for this process alone, made readable for its group (0640). Each append is
 * on the disk before it resolves. A file that was moved away (logrotate) is left, and a new one begun.
 */
export async function openAuditFile(path: string): Promise<AuditSink> {
  let file = await OpenFile.at(path);
  const recent = await readTail(path);
  // The writer's newest line in the file: what it was told to append again is not written twice.
  let newest: Place | undefined;
  let turn: Promise<void> = Promise.resolve();

  return {
    name: "file",
    append(lines) {
      const mine = turn.then(() => append(lines));
      turn = mine.catch(() => {});
      return mine;
    },
    recent: () => Promise.resolve(recent),
    async close() {
      await turn;
      file.close();
    },
  };

  async function append(lines: readonly SealedLine[]): Promise<void> {
    const missing = lines.filter(({ line }) => !newest || isAfter(placeOf(line), newest));
    const last = missing.at(-1);
    if (!last) return;
    if (await file.isMovedFrom(path)) {
      file.close();
      file = await OpenFile.at(path);
    }
    await file.append(missing.map(({ text }) => `${text}\n`).join(""));
    newest = placeOf(last.line);
  }
}

/** An open file whose end is known, so that what a failed append left there can be cut off before the next. */
class OpenFile {
  readonly #file: Deno.FsFile;
  readonly #inode: number | null;
  #end: number;

  private constructor(file: Deno.FsFile, { ino, size }: Deno.FileInfo) {
    this.#file = file;
    this.#inode = ino;
    this.#end = size;
  }

  static async at(path: string): Promise<OpenFile> {
    const file = await Deno.open(path, { read: true, append: true, create: true, mode: 0o640 });
    const opened = new OpenFile(file, await file.stat());
    await opened.#cutTornLine();
    await syncFolder(path);
    return opened;
  }

  async isMovedFrom(path: string): Promise<boolean> {
    try {
      return (await Deno.stat(path)).ino !== this.#inode;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return true;
      throw error;
    }
  }

  async append(text: string): Promise<void> {
    const bytes = new TextEncoder().encode(text);
    try {
      for (let written = 0; written < bytes.length;) {
        written += await this.#file.write(bytes.subarray(written));
      }
      await this.#file.syncData();
    } catch (error) {
      await this.#file.truncate(this.#end);
      throw error;
    }
    this.#end += bytes.length;
  }

  close(): void {
    this.#file.close();
  }

  /** A crash in the middle of a write leaves a line without an end, which nobody was told of. */
  async #cutTornLine(): Promise<void> {
    const tail = await readEnd(this.#file, this.#end);
    const kept = tail.lastIndexOf(LINE_END) + 1;
    if (kept === tail.length) return;
    this.#end -= tail.length - kept;
    await this.#file.truncate(this.#end);
  }
}

/** The last lines of the file, in its order. */
async function readTail(path: string): Promise<readonly SealedLine[]> {
  using file = await Deno.open(path, { read: true });
  const { size } = await file.stat();
  const tail = await readEnd(file, size);
  const begin = tail.length < size ? tail.indexOf(LINE_END) + 1 : 0;
  const texts = new TextDecoder().decode(tail.subarray(begin)).split("\n").filter((text) => text !== "");
  return texts.flatMap((text) => readSealed(text) ?? []);
}

async function readEnd(file: Deno.FsFile, size: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(Math.min(size, TAIL_BYTES));
  await file.seek(size - bytes.length, Deno.SeekMode.Start);
  let read = 0;
  while (read < bytes.length) {
    const more = await file.read(bytes.subarray(read));
    if (more === null) break;
    read += more;
  }
  return bytes.subarray(0, read);
}

/** A new file is durable when its name is. */
async function syncFolder(path: string): Promise<void> {
  using folder = await Deno.open(path.includes("/") ? path.slice(0, path.lastIndexOf("/") + 1) : ".");
  await folder.sync();
}

function placeOf(line: SealedLine["line"]): Place {
  return { writer: line["kependudukan.chain.writer"], seq: line["kependudukan.chain.seq"] };
}

function isAfter(place: Place, newest: Place): boolean {
  return place.writer !== newest.writer || place.seq > newest.seq;
}

interface Place {
  readonly writer: string;
  readonly seq: number;
}

const LINE_END = 10;
/** Holds more than one process can have under way. */
const TAIL_BYTES = 4 * 1024 * 1024;

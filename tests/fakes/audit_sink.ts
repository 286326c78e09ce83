import type { AuditSink, SealedLine } from "../../shared/ports/audit_sink.ts";

/** Keeps the lines in memory, and can leave an append without an answer until it is told to go on. */
export class HangingSink implements AuditSink {
  readonly name = "file";
  readonly #lines: SealedLine[] = [];
  #gate: PromiseWithResolvers<void> | undefined;

  async append(lines: readonly SealedLine[]): Promise<void> {
    await this.#gate?.promise;
    const known = new Set(this.#lines.map(({ text }) => text));
    this.#lines.push(...lines.filter(({ text }) => !known.has(text)));
  }

  hang(): void {
    this.#gate = Promise.withResolvers();
  }

  goOn(): void {
    this.#gate?.resolve();
    this.#gate = undefined;
  }

  get actions(): readonly string[] {
    return this.#lines.map(({ line }) => line["event.action"]);
  }

  recent(): Promise<readonly SealedLine[]> {
    return Promise.resolve([]);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/**
 * Knows which incarnation of a topic a member reads. One that is deleted and created anew shows itself by offsets that
 * begin again, and by the group, which shares its partitions anew: then the id is asked for again.
 */
export class Incarnation {
  readonly #ask: () => Promise<string>;
  readonly #next = new Map<number, number>();
  #id: Promise<string> | undefined;

  constructor(ask: () => Promise<string>) {
    this.#ask = ask;
  }

  /** The topic's id, as it is when `offset` was read from the partition. */
  async at(partition: number, offset: number): Promise<string> {
    if (offset < (this.#next.get(partition) ?? 0)) this.forget();
    this.#id ??= this.#ask();
    try {
      return await this.#id;
    } catch (error) {
      this.forget();
      throw error;
    }
  }

  /** No record before `next` comes again from the partition, unless the topic is created anew. */
  advanced(partition: number, next: number): void {
    this.#next.set(partition, next);
  }

  forget(): void {
    this.#id = undefined;
    this.#next.clear();
  }
}

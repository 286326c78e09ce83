import { LRUCache } from "lru-cache";
import type { Binary, Collection } from "mongodb";
import { type KodeProvinsi, PROVINSI } from "../../penduduk/provinsi.ts";
import { DEFAULT_OFFICER_ID, type Officer, type OfficerDirectory, type Telepon } from "../../ports/sms.ts";
import type { KeyRing } from "../../security/key_ring.ts";
import type { Mongo } from "./connect.ts";
import { type FieldEncryption, fieldEncryption } from "./encryption.ts";
import { storedTelepon } from "./stored_telepon.ts";
import { turns } from "./turns.ts";

/** The officers as `officers` in MongoDB, none at first. A change shows within 10 s. The connection stays the caller's. */
export async function openMongoOfficers(
  mongo: Mongo,
  columns: KeyRing,
  options: OfficersOptions,
): Promise<MongoOfficers> {
  const officers = mongo.db.collection<OfficerDocument>("officers");
  await officers.createIndex({ provinsi: 1, turn: 1 });
  return new MongoOfficers(mongo, officers, fieldEncryption(columns), options);
}

export class MongoOfficers implements OfficerDirectory {
  readonly #mongo: Mongo;
  readonly #officers: Collection<OfficerDocument>;
  readonly #fields: FieldEncryption;
  readonly #nextTurn: () => number;
  readonly #byProvince: LRUCache<KodeProvinsi, readonly Officer[]>;

  constructor(
    mongo: Mongo,
    officers: Collection<OfficerDocument>,
    fields: FieldEncryption,
    { defaultOfficer, now = () => performance.now() }: OfficersOptions,
  ) {
    this.#mongo = mongo;
    this.#officers = officers;
    this.#fields = fields;
    this.#nextTurn = turns(() => mongo.now());
    const fallback: readonly Officer[] = [{ id: DEFAULT_OFFICER_ID, telepon: defaultOfficer }];
    this.#byProvince = new LRUCache({
      max: PROVINSI.length,
      ttl: CACHE_MS,
      ttlResolution: 0,
      perf: { now },
      fetchMethod: async (kode) => {
        const officers = await this.#read(kode);
        return officers.length > 0 ? officers : fallback;
      },
    });
  }

  async of(provinsi: KodeProvinsi): Promise<readonly Officer[]> {
    const officers = await this.#byProvince.fetch(provinsi);
    if (!officers) throw new Error(`Cannot read the officers of province "${provinsi}"`);
    return officers;
  }

  async assign(provinsi: KodeProvinsi, telepon: Telepon): Promise<string> {
    const _id = crypto.randomUUID();
    const encrypted = await this.#fields.encrypt(telepon);
    await this.#officers.insertOne({ _id, provinsi, telepon: encrypted, turn: this.#nextTurn() });
    this.#byProvince.delete(provinsi);
    return _id;
  }

  check(signal: AbortSignal): Promise<void> {
    return this.#mongo.check(signal);
  }

  close(): Promise<void> {
    this.#byProvince.clear();
    return Promise.resolve();
  }

  async #read(provinsi: KodeProvinsi): Promise<readonly Officer[]> {
    const byNumber = new Map<string, Officer>();
    for (const { _id, telepon } of await this.#officers.find({ provinsi }).sort({ turn: 1 }).toArray()) {
      const number = await this.#fields.decrypt(telepon);
      // The oldest entry of a number gives it its id, so that entering it twice changes no id.
      if (number === undefined || byNumber.has(number)) continue;
      byNumber.set(number, { id: _id, telepon: storedTelepon(number) });
    }
    return [...byNumber.values()];
  }
}

const CACHE_MS = 10_000;

export interface OfficersOptions {
  /** Told where a province has no officer. */
  readonly defaultOfficer: Telepon;
  /** Monotonic milliseconds. */
  readonly now?: () => number;
}

interface OfficerDocument {
  readonly _id: string;
  readonly provinsi: KodeProvinsi;
  readonly telepon: Binary;
  /** Rises in the order in which they were entered. */
  readonly turn: number;
}

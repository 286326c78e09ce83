import { getLogger } from "@logtape/logtape";
import { LRUCache } from "lru-cache";
import { type Binary, type Collection, MongoServerError } from "mongodb";
import { z } from "zod";
import { type KodeProvinsi, PROVINSI } from "../../penduduk/provinsi.ts";
import { DEFAULT_OFFICER_ID, type Officer, type OfficerRegister, type Telepon } from "../../ports/sms.ts";
import type { Mongo } from "./connect.ts";
import {
  type FieldEncryption,
  type FieldEncryptionOptions,
  openFieldEncryption,
} from "./encryption/field_encryption.ts";
import { storedTelepon } from "./stored_telepon.ts";
import { turns } from "./turns.ts";

/** The officers as `officers` in MongoDB, none at first. A change shows within 10 s. The connection stays the caller's. */
export async function openMongoOfficers(
  mongo: Mongo,
  encryption: FieldEncryptionOptions,
  options: OfficersOptions,
): Promise<MongoOfficers> {
  const officers = mongo.db.collection<OfficerDocument>("officers");
  await officers.createIndexes([
    { key: { provinsi: 1, turn: 1 } },
    { key: { telepon: 1, provinsi: 1 }, unique: true },
  ]);
  const fields = await openFieldEncryption(mongo.keyVault, "kependudukan-officers", encryption);
  return new MongoOfficers(mongo, officers, fields, options);
}

export class MongoOfficers implements OfficerRegister {
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

  /** An officer whose number is entered again keeps the id. */
  async assign(provinsi: KodeProvinsi, telepon: Telepon): Promise<string> {
    const _id = crypto.randomUUID();
    const encrypted = await this.#fields.encrypt(telepon, "deterministic");
    const entered = await this.#fields.encrypt({ id: _id, provinsi, telepon }, "random");
    const officer = await this.#officers.findOneAndUpdate(
      { telepon: encrypted, provinsi },
      { $setOnInsert: { _id, entered, turn: this.#nextTurn() } },
      { upsert: true, returnDocument: "after", projection: { _id: 1 } },
    );
    this.#byProvince.delete(provinsi);
    return officer?._id ?? _id;
  }

  async change(
    provinsi: KodeProvinsi,
    id: string,
    telepon: Telepon,
  ): Promise<"changed" | "unknown" | "taken"> {
    const encrypted = await this.#fields.encrypt(telepon, "deterministic");
    const entered = await this.#fields.encrypt({ id, provinsi, telepon }, "random");
    try {
      const { matchedCount } = await this.#officers.updateOne({ _id: id, provinsi }, {
        $set: { telepon: encrypted, entered },
      });
      return matchedCount === 0 ? "unknown" : "changed";
    } catch (error) {
      // By the unique index of number and province.
      if (error instanceof MongoServerError && error.code === DUPLICATE_KEY) return "taken";
      throw error;
    } finally {
      this.#byProvince.delete(provinsi);
    }
  }

  async dismiss(provinsi: KodeProvinsi, id: string): Promise<"dismissed" | "unknown"> {
    const { deletedCount } = await this.#officers.deleteOne({ _id: id, provinsi });
    this.#byProvince.delete(provinsi);
    return deletedCount === 0 ? "unknown" : "dismissed";
  }

  check(signal: AbortSignal): Promise<void> {
    return this.#mongo.check(signal);
  }

  close(): Promise<void> {
    this.#byProvince.clear();
    return Promise.resolve();
  }

  async #read(provinsi: KodeProvinsi): Promise<readonly Officer[]> {
    const documents = await this.#officers.find({ provinsi }).sort({ turn: 1 }).toArray();
    const officers = await Promise.all(documents.map((document) => this.#open(document)));
    return officers.filter((officer) => officer !== undefined);
  }

  /** Undefined for what cannot be read or was not entered like this, which is reported. */
  async #open({ _id, provinsi, telepon, entered }: OfficerDocument): Promise<Officer | undefined> {
    const [number, whole] = [await this.#fields.decrypt(telepon), await this.#fields.decrypt(entered)];
    const refuse = (reason: string) =>
      void log.error("Cannot read officer {id}: {reason}", { id: _id, reason });
    if (number.kind === "unreadable") return refuse(`"telepon" ${number.reason}`);
    if (whole.kind === "unreadable") return refuse(`"entered" ${whole.reason}`);
    const officer = Entered.safeParse(whole.value).data;
    // Each field may be genuine and yet of another officer, or the whole of another time.
    if (officer?.id !== _id || officer.provinsi !== provinsi || officer.telepon !== number.value) {
      return refuse("what was entered differs from what is stored");
    }
    return { id: _id, telepon: storedTelepon(officer.telepon) };
  }
}

const DUPLICATE_KEY = 11_000;
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
  /** The number, deterministic: it is looked up. */
  readonly telepon: Binary;
  /** All that was entered, `{ id, provinsi, telepon }`: the format binds a field to no document. */
  readonly entered: Binary;
  /** Rises in the order in which they were entered. */
  readonly turn: number;
}

const Entered = z.object({ id: z.string(), provinsi: z.string(), telepon: z.string() });

const log = getLogger(["kependudukan", "mongodb"]);

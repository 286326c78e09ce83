import { getLogger } from "@logtape/logtape";
import { LRUCache } from "lru-cache";
import { type KodeProvinsi, PROVINSI } from "../../../penduduk/provinsi.ts";
import { DEFAULT_OFFICER_ID, type Officer, type OfficerRegister, type Telepon } from "../../../ports/sms.ts";
import type { KeyRing } from "../../../security/key_ring.ts";
import { migrate, type MigrationPlan } from "../../postgres/migrate.ts";
import { check, type Pool } from "../../postgres/pool.ts";
import migration from "./migrations/0001_officer.sql" with { type: "text" };
import roles from "./migrations/0002_officer_roles.sql" with { type: "text" };
import changes from "./migrations/0003_officer_changes.sql" with { type: "text" };
import { CIPHER, readingKeys, writingKey } from "../../postgres/encryption.ts";
import { toTelepon } from "./encryption.ts";

/** The officers as a table in PostgreSQL, empty at first. A change shows within 10 s. The pool stays the caller's. */
export async function openEmbeddedOfficers(
  pool: Pool,
  columns: KeyRing,
  options: OfficersOptions,
): Promise<EmbeddedOfficers> {
  await migrate(pool, OFFICERS);
  return new EmbeddedOfficers(pool, columns, options);
}

export const OFFICERS: MigrationPlan = {
  name: "officers",
  steps: [
    { id: "0001_officer", sql: migration },
    { id: "0002_roles", sql: roles },
    { id: "0003_changes", sql: changes },
  ],
};

export class EmbeddedOfficers implements OfficerRegister {
  readonly #pool: Pool;
  readonly #columns: KeyRing;
  readonly #byProvince: LRUCache<KodeProvinsi, readonly Officer[]>;

  constructor(
    pool: Pool,
    columns: KeyRing,
    { defaultOfficer, now = () => performance.now() }: OfficersOptions,
  ) {
    this.#pool = pool;
    this.#columns = columns;
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
    const id = crypto.randomUUID();
    await this.#pool.query(ASSIGN, [id, provinsi, telepon, ...writingKey(this.#columns)]);
    this.#byProvince.delete(provinsi);
    return id;
  }

  async change(
    provinsi: KodeProvinsi,
    id: string,
    telepon: Telepon,
  ): Promise<"changed" | "unknown" | "taken"> {
    const entries = await this.#entries(provinsi);
    const mine = entriesOf(id, entries);
    if (mine.length === 0) return "unknown";
    if (entries.some((entry) => entry.telepon === telepon && !mine.includes(entry))) return "taken";
    await this.#pool.query(CHANGE, [mine.map(({ id }) => id), telepon, ...writingKey(this.#columns)]);
    this.#byProvince.delete(provinsi);
    return "changed";
  }

  async dismiss(provinsi: KodeProvinsi, id: string): Promise<"dismissed" | "unknown"> {
    const mine = entriesOf(id, await this.#entries(provinsi));
    if (mine.length === 0) return "unknown";
    await this.#pool.query(DISMISS, [mine.map(({ id }) => id)]);
    this.#byProvince.delete(provinsi);
    return "dismissed";
  }

  check(signal: AbortSignal): Promise<void> {
    return check(this.#pool, signal);
  }

  close(): Promise<void> {
    this.#byProvince.clear();
    return Promise.resolve();
  }

  async #entries(kode: KodeProvinsi): Promise<readonly OfficerRow[]> {
    const found = await this.#pool.query<OfficerRow>({
      name: "officers-of",
      text: OFFICERS_OF,
      values: [kode, ...readingKeys(this.#columns)],
    });
    return found.rows;
  }

  async #read(kode: KodeProvinsi): Promise<readonly Officer[]> {
    const byNumber = new Map<string, Officer>();
    for (const { id, key_id, telepon } of await this.#entries(kode)) {
      if (telepon === null) {
        log.error("Cannot read officer {id} without the key {keyId}", { id, keyId: key_id });
      } else if (!byNumber.has(telepon)) byNumber.set(telepon, { id, telepon: toTelepon(telepon) });
    }
    return [...byNumber.values()];
  }
}

/** A number that was entered more than once is one officer, under the id of its oldest entry. */
function entriesOf(id: string, entries: readonly OfficerRow[]): readonly OfficerRow[] {
  const named = entries.find((entry) => entry.id === id);
  if (!named) return [];
  return named.telepon === null ? [named] : entries.filter(({ telepon }) => telepon === named.telepon);
}

const CHANGE = `
update officer set key_id = $3, telepon = pgp_sym_encrypt($2::text, $4::text, ${CIPHER}) where id = any($1::uuid[])`;
const DISMISS = "delete from officer where id = any($1::uuid[])";

const ASSIGN = `
insert into officer (id, provinsi, key_id, telepon)
values ($1::uuid, $2, $4, pgp_sym_encrypt($3::text, $5::text, ${CIPHER}))`;

// The oldest entry of a number gives it its id, so that entering it twice changes no id.
const OFFICERS_OF = `
select officer.id, key_id, pgp_sym_decrypt(telepon, k.passphrase) as telepon
from officer left join unnest($2::text[], $3::text[]) as k (id, passphrase) on k.id = key_id
where provinsi = $1
order by created_at, officer.id`;

const CACHE_MS = 10_000;

export interface OfficersOptions {
  /** Told where a province has no officer. */
  readonly defaultOfficer: Telepon;
  /** Monotonic milliseconds. */
  readonly now?: () => number;
}

interface OfficerRow {
  readonly id: string;
  readonly key_id: string;
  readonly telepon: string | null;
}

const log = getLogger(["kependudukan", "officers"]);

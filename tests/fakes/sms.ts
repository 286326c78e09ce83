import {
  DEFAULT_OFFICER_ID,
  LEASE_MS,
  type LedgerEntry,
  type Officer,
  type OfficerRegister,
  type Reopened,
  type SendResult,
  type Sms,
  type SmsId,
  type SmsIntent,
  type SmsLedger,
  type SmsOutcome,
  type SmsReport,
  type SmsSender,
  type SmsState,
  type Telepon,
} from "../../shared/ports/sms.ts";
import type { KodeProvinsi } from "../../shared/penduduk/provinsi.ts";

/** A ledger in memory. It outlives the processes that open it; the contract suite holds it to what true ones do. */
export class FakeLedgerStore {
  readonly rows = new Map<SmsId, Row>();
  readonly now: () => number;

  constructor(now: () => number = () => performance.now()) {
    this.now = now;
  }

  open({ leaseMs = LEASE_MS }: { readonly leaseMs?: number } = {}): SmsLedger {
    return new FakeLedger(this, leaseMs);
  }

  state(id: SmsId): SmsState | undefined {
    return this.rows.get(id)?.entry.state;
  }
}

class FakeLedger implements SmsLedger {
  readonly #store: FakeLedgerStore;
  readonly #leaseMs: number;

  constructor(store: FakeLedgerStore, leaseMs: number) {
    this.#store = store;
    this.#leaseMs = leaseMs;
  }

  claim(intent: SmsIntent, signal: AbortSignal): Promise<"claimed" | "known"> {
    if (signal.aborted) return Promise.reject(signal.reason);
    const { rows } = this.#store;
    if (rows.has(intent.id)) return Promise.resolve("known");
    const entry: LedgerEntry = {
      ...intent,
      state: "claimed",
      providerId: undefined,
      code: undefined,
      receipt: undefined,
      claimedAt: new Date(),
    };
    rows.set(intent.id, { entry, ...this.#lease() });
    return Promise.resolve("claimed");
  }

  release(id: SmsId): Promise<void> {
    const row = this.#store.rows.get(id);
    if (row?.owner === this && row.entry.state === "claimed") this.#store.rows.delete(id);
    return Promise.resolve();
  }

  settle(id: SmsId, outcome: SmsOutcome): Promise<void> {
    const row = this.#store.rows.get(id);
    if (row && (row.entry.state === "claimed" || row.entry.state === "parked")) {
      row.entry = {
        ...row.entry,
        state: outcome.kind,
        providerId: outcome.kind === "sent" ? outcome.providerId : undefined,
        code: outcome.kind === "sent" ? undefined : outcome.code,
      };
    }
    return Promise.resolve();
  }

  report(id: SmsId, { providerId, receipt }: SmsReport): Promise<"recorded" | "unknown"> {
    const row = this.#store.rows.get(id);
    const { state } = row?.entry ?? {};
    const open = state === "claimed" || state === "parked";
    if (!row || !(open || (state === "sent" && row.entry.providerId === providerId))) {
      return Promise.resolve("unknown");
    }
    const kept = row.entry.receipt?.kind === "delivered" ? row.entry.receipt : receipt ?? row.entry.receipt;
    row.entry = { ...row.entry, state: "sent", providerId, code: undefined, receipt: kept };
    return Promise.resolve("recorded");
  }

  takeOver(limit: number): Promise<readonly SmsIntent[]> {
    const due = [...this.#store.rows.values()]
      .filter(({ entry, leaseUntil }) => entry.state === "claimed" && leaseUntil <= this.#store.now())
      .slice(0, limit);
    for (const row of due) Object.assign(row, this.#lease());
    return Promise.resolve(due.map(intentOf));
  }

  find(id: SmsId): Promise<SmsIntent | undefined> {
    const row = this.#store.rows.get(id);
    return Promise.resolve(row && intentOf(row));
  }

  reopen(intent: SmsIntent): Promise<Reopened | undefined> {
    const row = this.#store.rows.get(intent.id);
    const { state } = row?.entry ?? {};
    if (!row || (state !== "refused" && state !== "parked")) return Promise.resolve(undefined);
    const earlier = intentOf(row);
    row.entry = { ...row.entry, ...intent, state: "claimed", code: undefined };
    Object.assign(row, this.#lease());
    return Promise.resolve({ ended: state, earlier });
  }

  recent(limit: number): Promise<readonly LedgerEntry[]> {
    return Promise.resolve(
      [...this.#store.rows.values()].map(({ entry }) => entry).reverse().slice(0, limit),
    );
  }

  counts(): Promise<Readonly<Record<SmsState, number>>> {
    const counts: Record<SmsState, number> = { claimed: 0, sent: 0, refused: 0, parked: 0 };
    for (const { entry } of this.#store.rows.values()) counts[entry.state]++;
    return Promise.resolve(counts);
  }

  check(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #lease(): Pick<Row, "owner" | "leaseUntil"> {
    return { owner: this, leaseUntil: this.#store.now() + this.#leaseMs };
  }
}

function intentOf({ entry: { id, eventId, to, body } }: Row): SmsIntent {
  return { id, eventId, to, body };
}

/** A sender that answers as it is told, and keeps what it took and what it was asked. */
export class FakeSender implements SmsSender {
  readonly idempotent: boolean;
  readonly ordered: boolean;
  /** In the order in which they reached the officers. */
  readonly taken: Sms[] = [];
  /** Every call of `send`, taken or not. */
  readonly calls: Sms[] = [];
  /** Asked before each message; without it all are sent. */
  answer: (sms: Sms) => FakeAnswer | Promise<FakeAnswer> = () => "sent";
  /** What `find` does instead of telling the truth. */
  lookUp: "truth" | "knows-nothing" | "away" = "truth";

  constructor({ idempotent = false, ordered = false } = {}) {
    this.idempotent = idempotent;
    this.ordered = ordered;
  }

  async send(sms: Sms): Promise<SendResult> {
    this.calls.push(sms);
    const answer = await this.answer(sms);
    const takes = answer === "sent" || answer === "lost-answer";
    if (takes && !(this.idempotent && this.#has(sms))) this.taken.push(sms);
    if (answer === "sent") return { kind: "sent", providerId: `fake ${sms.id}` };
    return answer === "lost-answer" || answer === "lost-call"
      ? { kind: "ambiguous", code: "timeout" }
      : answer;
  }

  find(sms: Sms): Promise<string | undefined> {
    if (this.lookUp === "away") return Promise.reject(new Error("The provider is away"));
    const known = this.lookUp === "truth" && this.#has(sms);
    return Promise.resolve(known ? `fake ${sms.id}` : undefined);
  }

  check(): Promise<void> {
    return Promise.resolve();
  }

  #has({ id }: Sms): boolean {
    return this.taken.some((sms) => sms.id === id);
  }
}

/** The officers of the provinces named; everywhere else the default officer. */
export class FakeOfficers implements OfficerRegister {
  readonly #fallback: Telepon;
  readonly byProvince = new Map<KodeProvinsi, readonly Officer[]>();
  /** While set, nothing can be read. */
  failure: Error | undefined;

  constructor(fallback: Telepon) {
    this.#fallback = fallback;
  }

  of(provinsi: KodeProvinsi): Promise<readonly Officer[]> {
    if (this.failure) return Promise.reject(this.failure);
    return Promise.resolve(
      this.byProvince.get(provinsi) ?? [{ id: DEFAULT_OFFICER_ID, telepon: this.#fallback }],
    );
  }

  assign(provinsi: KodeProvinsi, telepon: Telepon): Promise<string> {
    const officers = this.byProvince.get(provinsi) ?? [];
    const id = `officer-${provinsi}-${officers.length}`;
    this.byProvince.set(provinsi, [...officers, { id, telepon }]);
    return Promise.resolve(id);
  }

  change(provinsi: KodeProvinsi, id: string, telepon: Telepon): Promise<"changed" | "unknown" | "taken"> {
    const officers = this.byProvince.get(provinsi) ?? [];
    if (!officers.some((officer) => officer.id === id)) return Promise.resolve("unknown");
    if (officers.some((officer) => officer.id !== id && officer.telepon === telepon)) {
      return Promise.resolve("taken");
    }
    this.byProvince.set(
      provinsi,
      officers.map((officer) => officer.id === id ? { id, telepon } : officer),
    );
    return Promise.resolve("changed");
  }

  dismiss(provinsi: KodeProvinsi, id: string): Promise<"dismissed" | "unknown"> {
    const officers = this.byProvince.get(provinsi) ?? [];
    const left = officers.filter((officer) => officer.id !== id);
    if (left.length === officers.length) return Promise.resolve("unknown");
    if (left.length > 0) this.byProvince.set(provinsi, left);
    else this.byProvince.delete(provinsi);
    return Promise.resolve("dismissed");
  }

  check(): Promise<void> {
    return this.failure ? Promise.reject(this.failure) : Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

export type FakeAnswer =
  | "sent"
  /** Taken, but the caller never learns it. */
  | "lost-answer"
  /** Not taken, and the caller never learns it. */
  | "lost-call"
  | Extract<SendResult, { kind: "throttled" | "refused" }>;

interface Row {
  entry: LedgerEntry;
  owner: SmsLedger;
  leaseUntil: number;
}

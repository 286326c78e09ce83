import { Binary, type DataKey } from "mongodb";
import type { MasterKeys } from "../../../security/master_key.ts";
import { type KeyVault, unwrap } from "./key_vault.ts";

/**
 * Puts every data key under the first master key; what they encrypted stays as it is. Yields what became of each. May
 * be interrupted and run again: what is under the first master key already stays.
 */
export async function* rewrap(
  vault: KeyVault,
  [first, ...others]: MasterKeys,
  { dryRun }: { readonly dryRun: boolean },
): AsyncGenerator<Rewrapped> {
  for await (const key of vault.find().sort({ _id: 1 })) {
    yield { id: key._id.toString(), names: key.keyAltNames ?? [], outcome: await rewrapOne(key) };
  }

  async function rewrapOne(key: DataKey): Promise<RewrapOutcome> {
    if (await unwrap(key, [first])) return "current";
    const bytes = await unwrap(key, others);
    if (!bytes) return "not opened";
    if (dryRun) return "to be rewrapped";
    const keyMaterial = new Binary(await first.wrap(bytes));
    // Only as it was read: another process may have rewrapped it meanwhile.
    const { modifiedCount } = await vault.updateOne(
      { _id: key._id, keyMaterial: key.keyMaterial },
      { $set: { keyMaterial, masterKey: first.masterKey }, $currentDate: { updateDate: true } },
    );
    return modifiedCount === 1 ? "rewrapped" : "changed meanwhile";
  }
}

export interface Rewrapped {
  readonly id: string;
  readonly names: readonly string[];
  readonly outcome: RewrapOutcome;
}

export type RewrapOutcome =
  | "rewrapped"
  | "to be rewrapped"
  /** It is under the first master key already. */
  | "current"
  /** By none of the master keys. */
  | "not opened"
  /** By another process: run it again. */
  | "changed meanwhile";

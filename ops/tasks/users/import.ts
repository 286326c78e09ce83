import type { User } from "../../../shared/ports/user_directory.ts";
import { isWrong, provinceOf } from "./fields.ts";
import type { ImportCommand } from "./options.ts";
import { makePassword } from "./password.ts";
import { applyRoles, isSame } from "./roles.ts";
import { type BadRow, readRows, type Row } from "./rows.ts";
import { refusal } from "./sentences.ts";
import type { LineFile, Outcome, World } from "./world.ts";

/** Makes and updates the users of a file: all rows are read before the first one counts. */
export async function importUsers(command: ImportCommand, world: World): Promise<Outcome> {
  const { complain, say, dryRun } = world;
  const file = readRows(await world.readFile(command.file));
  if (isWrong(file)) {
    complain(`File "${command.file}" ${file.wrong}`);
    return { done: false, reason: "INVALID_INPUT" };
  }
  tellBadRows(file.bad, complain);
  const rows = file.good.length + file.bad.length;
  if (file.bad.length > 0 && !command.skipBad) {
    complain(
      `Nothing was done: ${file.bad.length} of ${rows} rows are bad; mend them, or leave them out (--skip-bad)`,
    );
    return { done: false, reason: "INVALID_INPUT" };
  }
  await using passwords = dryRun || command.passwords === undefined
    ? undefined
    : await world.createFile(command.passwords);
  await passwords?.append("username,password");
  const tally = await applyAll(file.good, passwords, world);
  tellBadRows(tally.failed, complain);
  say(summary(tally, dryRun));
  const left = file.good.length - tally.created - tally.updated - tally.unchanged - tally.failed.length;
  if (left > 0) complain(`Stopped: ${left} rows are left; the same file may come again`);
  const done = tally.failed.length + file.bad.length + left === 0;
  return { done, recorded: true };
}

/** Several at once, which is as fast as Keycloak hashes; the first failure of the provider ends all. */
async function applyAll(rows: readonly Row[], passwords: LineFile | undefined, world: World): Promise<Tally> {
  const tally: Tally = { created: 0, updated: 0, unchanged: 0, failed: [] };
  const queue = rows.values();
  const broken = new AbortController();
  const stop = AbortSignal.any([world.stop, broken.signal]);
  let done = 0;
  async function work(): Promise<void> {
    for (const row of queue) {
      if (stop.aborted) return;
      const applied = await apply(row, passwords, world);
      if (applied.kind === "failed") tally.failed.push({ line: row.line, why: applied.why });
      else tally[applied.kind]++;
      if (++done % PROGRESS === 0) world.complain(`${done} of ${rows.length} rows`);
    }
  }
  const workers = Array.from({ length: AT_ONCE }, () =>
    work().catch((error) => {
      broken.abort();
      throw error;
    }));
  const ends = await Promise.allSettled(workers);
  const failure = ends.find((end) => end.status === "rejected");
  if (failure) {
    world.complain(`${summary(tally, world.dryRun)} before it ended; the same file may come again`);
    throw failure.reason;
  }
  return tally;
}

async function apply(row: Row, passwords: LineFile | undefined, world: World): Promise<Applied> {
  const before = await world.directory.find(row.username);
  const applied = before ? await update(before, row, world) : await create(row, passwords, world);
  if (!world.dryRun && applied.kind !== "unchanged") {
    const failed = applied.kind === "failed";
    await world.audit.record({
      action: "user.import",
      actor: world.actor,
      outcome: failed ? "failure" : "success",
      ...(failed ? { reason: "INVALID_INPUT" } : { record: applied.id }),
    });
  }
  return applied;
}

async function create(
  row: Row,
  passwords: LineFile | undefined,
  { directory, dryRun }: World,
): Promise<Applied> {
  const { username, nama, email, roles, scope } = row;
  if (dryRun) return { kind: "created", id: undefined };
  const password = passwords && { value: makePassword(), mustChange: false };
  const created = await directory.create({
    username,
    nama,
    email,
    roles,
    provinsi: provinceOf(scope),
    password,
  });
  if (created.kind === "exists") return { kind: "failed", why: `${created.field} is another user's` };
  if (created.kind === "refused") return { kind: "failed", why: refusal(created.why) };
  if (password) await passwords?.append(`${username},${password.value}`);
  return { kind: "created", id: created.id };
}

/** A disabled user stays disabled, and nobody's password changes. */
async function update(before: User, row: Row, world: World): Promise<Applied> {
  const { nama, email = before.email, roles } = row;
  const after = { ...before, nama, email, roles, provinsi: provinceOf(row.scope) };
  const sameRights = isSame(before, after);
  const sameFields = before.nama === nama && before.email === email;
  if (sameRights && sameFields) return { kind: "unchanged" };
  if (world.dryRun) return { kind: "updated", id: before.id };
  if (!sameFields) {
    const changed = await world.directory.change(before.id, { nama, ...(email !== undefined && { email }) });
    if (changed.kind === "exists") return { kind: "failed", why: `${changed.field} is another user's` };
    if (changed.kind === "refused") return { kind: "failed", why: refusal(changed.why) };
  }
  if (!sameRights) await applyRoles(before, after, world);
  return { kind: "updated", id: before.id };
}

function tellBadRows(bad: readonly BadRow[], complain: World["complain"]): void {
  const sorted = bad.toSorted((a, b) => a.line - b.line);
  for (const { line, why } of sorted.slice(0, MOST_TOLD)) complain(`Line ${line}: ${why}`);
  if (bad.length > MOST_TOLD) complain(`... and ${bad.length - MOST_TOLD} more`);
}

function summary({ created, updated, unchanged, failed }: Tally, dryRun: boolean): string {
  const counts = `${created} created, ${updated} updated, ${unchanged} unchanged, ${failed.length} failed`;
  return dryRun ? `Would be: ${counts}` : counts;
}

const AT_ONCE = 8;
const PROGRESS = 100;
const MOST_TOLD = 100;

interface Tally {
  created: number;
  updated: number;
  unchanged: number;
  readonly failed: BadRow[];
}

type Applied =
  | { readonly kind: "created" | "updated"; readonly id: User["id"] | undefined }
  | { readonly kind: "unchanged" }
  | { readonly kind: "failed"; readonly why: string };

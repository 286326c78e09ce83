import pLimit from "p-limit";
import { z } from "zod";
import { type KodeProvinsi, parseKodeProvinsi } from "../../penduduk/provinsi.ts";
import {
  type Changed,
  type Created,
  DirectoryRefused,
  type NewPassword,
  parseUsername,
  PERSON_ROLES,
  type PersonRole,
  type User,
  type UserDirectory,
  type UserId,
} from "../../ports/user_directory.ts";
import { type AdminClientOptions, openAdminClient, type Refusal } from "./admin_client.ts";

/** By Keycloak's admin API; the embedded provider serves the same. Needs the role `manage-users` and no other. */
export function openUserDirectory(options: AdminClientOptions): UserDirectory {
  const ask = openAdminClient(options);

  async function rolesOf(id: UserId): Promise<ReadonlySet<PersonRole>> {
    const mappings = await ask((admin) => admin.users.listRealmRoleMappings({ id }));
    return new Set(PERSON_ROLES.filter((role) => mappings.some(({ name }) => name === role)));
  }

  async function toUser(person: Person): Promise<User> {
    return { ...person, roles: await rolesOf(person.id) };
  }

  return {
    async find(username) {
      const found = await ask((admin) => admin.users.find({ username, exact: true, max: 2 }));
      const person = found.flatMap(parsePerson).find((person) => person.username === username);
      return person && await toUser(person);
    },

    async *list() {
      const limit = pLimit(AT_ONCE);
      for (let first = 0;; first += PAGE) {
        const page = await ask((admin) => admin.users.find({ first, max: PAGE }));
        yield* await limit.map(page.flatMap(parsePerson), toUser);
        if (page.length < PAGE) return;
      }
    },

    async create({ username, nama, email, provinsi, roles, password }) {
      const created = await ask<Created>(async (admin) => {
        const { id } = await admin.users.create({
          username,
          enabled: true,
          firstName: nama,
          ...(email !== undefined && { email }),
          ...(provinsi !== undefined && { attributes: attributesOf(provinsi) }),
          ...(password && { credentials: [credential(password)] }),
        });
        return { kind: "created", id: toUserId(id) };
      }, (refusal) => existsOf(refusal) ?? refusedOf(refusal));
      if (created.kind === "created") await this.setRoles(created.id, roles);
      return created;
    },

    async change(id, change) {
      const { enabled, nama, email } = change;
      return await ask<Changed>(async (admin) => {
        await admin.users.update({ id }, {
          // With attributes, Keycloak takes away every other field that is not named.
          ...("provinsi" in change && namedFields(await admin.users.findOne({ id }))),
          ...(enabled !== undefined && { enabled }),
          ...(nama !== undefined && { firstName: nama, lastName: "" }),
          ...(email !== undefined && { email }),
          ...("provinsi" in change && { attributes: attributesOf(change.provinsi) }),
        });
        return { kind: "changed" };
      }, (refusal) => {
        const exists = existsOf(refusal);
        return exists ? { kind: "exists", field: "email" } : refusedOf(refusal);
      });
    },

    async setRoles(id, roles) {
      const mapped = parseRoles(await ask((admin) => admin.users.listRealmRoleMappings({ id })));
      const surplus = mapped.filter(({ name }) => isPersonRole(name) && !roles.has(name));
      const missing = [...roles].filter((role) => !mapped.some(({ name }) => name === role));
      if (missing.length > 0) {
        const available = parseRoles(
          await ask((admin) => admin.users.listAvailableRealmRoleMappings({ id })),
        );
        const added = available.filter(({ name }) => missing.some((role) => role === name));
        const unknown = missing.filter((role) => !added.some(({ name }) => name === role));
        if (unknown.length > 0) {
          throw new DirectoryRefused(`Realm "${options.realm}" has no role "${unknown.join(", ")}" to give`);
        }
        await ask((admin) => admin.users.addRealmRoleMappings({ id, roles: added }));
      }
      if (surplus.length > 0) await ask((admin) => admin.users.delRealmRoleMappings({ id, roles: surplus }));
    },

    async setPassword(id, password) {
      const changed = await ask<Changed>(async (admin) => {
        await admin.users.resetPassword({ id, credential: credential(password) });
        // The action may stand there from a reset before.
        if (!password.mustChange) await admin.users.update({ id }, { requiredActions: [] });
        return { kind: "changed" };
      }, refusedOf);
      if (changed.kind === "changed") await ask((admin) => admin.attackDetection.del({ id }));
      return changed;
    },

    async endSessions(id) {
      await ask((admin) => admin.users.logout({ id }));
    },
  };
}

const PAGE = 100;
const AT_ONCE = 8;

/** A service account, or a name that is not of ours, is nobody here. */
function parsePerson(user: unknown): readonly Person[] {
  const { id, username, enabled, firstName, lastName, email, attributes } = representation.parse(user);
  const name = parseUsername(username);
  if (typeof name !== "string") return [];
  return [{
    id: toUserId(id),
    username: name,
    enabled,
    nama: [firstName, lastName].filter(Boolean).join(" ") || undefined,
    email,
    provinsi: parseKodeProvinsi(attributes?.provinsi?.[0] ?? ""),
  }];
}

type Person = Omit<User, "roles">;

function namedFields(user: unknown) {
  const { firstName = "", lastName = "", email = "" } = representation.parse(user);
  return { firstName, lastName, email };
}

function parseRoles(roles: unknown) {
  return z.array(z.object({ id: z.string(), name: z.string() })).parse(roles);
}

function attributesOf(provinsi: KodeProvinsi | undefined) {
  return { provinsi: provinsi === undefined ? [] : [provinsi] };
}

function credential({ value, mustChange }: NewPassword) {
  return { type: "password", value, temporary: mustChange };
}

function existsOf({ status, body }: Refusal): (Created & { kind: "exists" }) | undefined {
  if (status !== 409) return undefined;
  return {
    kind: "exists",
    field: refusal.parse(body).errorMessage?.includes("email") ? "email" : "username",
  };
}

function refusedOf({ status, body }: Refusal): (Changed & { kind: "refused" }) | undefined {
  if (status !== 400) return undefined;
  const { error, errorMessage } = refusal.parse(body);
  if (error?.startsWith("invalidPassword")) return { kind: "refused", why: "password-policy" };
  return errorMessage === undefined ? undefined : { kind: "refused", why: "field" };
}

const isPersonRole = (name: string): name is PersonRole => PERSON_ROLES.some((role) => role === name);

function toUserId(id: string): UserId {
  if (isUserId(id)) return id;
  throw new DirectoryRefused("Identity provider answered without the user's id");
}

const isUserId = (id: string): id is UserId => id !== "";

const refusal = z.object({ error: z.string().optional(), errorMessage: z.string().optional() });

const representation = z.object({
  id: z.string(),
  username: z.string(),
  enabled: z.boolean(),
  firstName: z.string().optional(),
  lastName: z.string().optional(),
  email: z.string().optional(),
  attributes: z.object({ provinsi: z.array(z.string()).optional() }).optional(),
});

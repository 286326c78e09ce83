import { type Context, Hono } from "hono";
import { createMiddleware } from "hono/factory";
import { z } from "zod";
import { hashPassword } from "./password_hash.ts";
import { brokenRule } from "./password_policy.ts";
import { type Provider, readActive } from "./provider.ts";
import type { RealmRole, User } from "./realm.ts";
import { NAMELESS } from "./users.ts";
import { Credential, NewUser, represent, UserChange, type UserFields } from "./user_representation.ts";

/** Of Keycloak's admin REST API what keeps users: the paths, errors and silences are those of Keycloak 26.7. */
export function adminApi(provider: Provider): Hono {
  const { realm, users, sessions, passwords } = provider;
  const app = new Hono();
  app.use(mayManageUsers(provider));

  app.get("/users", (c) => {
    const query = Query.safeParse(c.req.query());
    if (!query.success) return c.json({ error: "Query is not understood" }, 400);
    const { username, first, max } = query.data;
    const found = username === undefined
      ? users.people()
      : users.people().filter((user) => user.username === username.toLowerCase());
    return c.json(found.slice(first, first + max).map(represent));
  });

  app.post("/users", async (c) => {
    const body = NewUser.safeParse(await readJson(c));
    if (!body.success) return badRequest(c, body.error);
    const { username, credentials, ...fields } = body.data;
    if (users.byName(username)) return c.json({ errorMessage: "User exists with same username" }, 409);
    const taken = emailTaken(fields.email, undefined);
    if (taken) return taken(c);
    const broken = credentials && brokenRule(realm.passwordPolicy, username, credentials[0].value);
    if (broken) return c.json({ error: broken, error_description: broken }, 400);
    const password = credentials && await stored(credentials[0].value);
    // Another request may have taken the name while the password was hashed.
    if (users.byName(username)) return c.json({ errorMessage: "User exists with same username" }, 409);
    const user: User = {
      ...applied(nobody(username), fields),
      password,
      ...(credentials && { mustChangePassword: credentials[0].temporary }),
    };
    await users.put(user);
    const admin = provider.issuer.replace("/realms/", "/admin/realms/");
    return c.body(null, 201, { location: `${admin}/users/${user.id}` });
  });

  app.get("/users/:id", (c) => withUser(c, (user) => c.json(represent(user))));

  app.put("/users/:id", (c) =>
    withUser(c, async (user) => {
      const body = UserChange.safeParse(await readJson(c));
      if (!body.success) return badRequest(c, body.error);
      const taken = emailTaken(body.data.email, user.id);
      if (taken) return taken(c);
      await users.put(applied(user, body.data));
      return c.body(null, 204);
    }));

  app.put("/users/:id/reset-password", (c) =>
    withUser(c, async (user) => {
      const body = Credential.safeParse(await readJson(c));
      if (!body.success) return badRequest(c, body.error);
      const broken = brokenRule(realm.passwordPolicy, user.username, body.data.value);
      if (broken) return c.json({ error: broken, error_description: broken }, 400);
      const password = await stored(body.data.value);
      const now = users.byId(user.id) ?? user;
      await users.put({ ...now, password, mustChangePassword: body.data.temporary });
      return c.body(null, 204);
    }));

  app.post("/users/:id/logout", (c) =>
    withUser(c, (user) => {
      sessions.endAllOf(user.id);
      return c.body(null, 204);
    }));

  app.delete("/attack-detection/brute-force/users/:id", (c) =>
    withUser(c, (user) => {
      passwords.forget(user.id);
      return c.body(null, 204);
    }));

  app.get(
    "/users/:id/role-mappings/realm",
    (c) => withUser(c, (user) => c.json(realm.roles.filter(({ name }) => user.realmRoles.includes(name)))),
  );

  app.get(
    "/users/:id/role-mappings/realm/available",
    (c) => withUser(c, (user) => c.json(realm.roles.filter(({ name }) => !user.realmRoles.includes(name)))),
  );

  app.post(
    "/users/:id/role-mappings/realm",
    (c) => changeRoles(c, (roles, named) => [...new Set([...roles, ...named])]),
  );

  app.delete(
    "/users/:id/role-mappings/realm",
    (c) => changeRoles(c, (roles, named) => roles.filter((role) => !named.includes(role))),
  );

  function changeRoles(c: Context, change: (roles: readonly string[], named: readonly string[]) => string[]) {
    return withUser(c, async (user) => {
      const body = Roles.safeParse(await readJson(c));
      if (!body.success) return badRequest(c, body.error);
      const known = (role: Pick<RealmRole, "id" | "name">) =>
        realm.roles.some(({ id, name }) => id === role.id && name === role.name);
      if (!body.data.every(known)) return c.json({ error: "Role not found" }, 404);
      await users.put({ ...user, realmRoles: change(user.realmRoles, body.data.map(({ name }) => name)) });
      return c.body(null, 204);
    });
  }

  async function withUser(c: Context, then: (user: User) => Response | Promise<Response>): Promise<Response> {
    const user = users.byId(c.req.param("id") ?? "");
    // Stricter than Keycloak: a service account is the realm file's affair.
    if (!user || user.serviceAccount) return c.json({ error: "User not found" }, 404);
    return await then(user);
  }

  function emailTaken(email: string | undefined, ownId: string | undefined) {
    const other = email ? users.byEmail(email) : undefined;
    if (!other || other.id === ownId) return undefined;
    return (c: Context) => c.json({ errorMessage: "User exists with same email" }, 409);
  }

  async function stored(password: string) {
    return { kind: "stored", hash: await hashPassword(password, provider.passwordWork) } as const;
  }

  return app;
}

/** By an access token of this realm whose account has, and whose client may carry, the right to manage users. */
function mayManageUsers(provider: Provider) {
  return createMiddleware(async function mayManageUsers(c, next) {
    const token = c.req.header("authorization")?.match(/^Bearer ([\w.-]{1,4096})$/i)?.[1];
    const active = token === undefined ? undefined : await readActive(provider, token);
    if (!active) return c.json({ error: "HTTP 401 Unauthorized" }, 401);
    const claimed = ManagementClaims.safeParse(active.claims).data?.resource_access["realm-management"].roles;
    if (!claimed?.includes("manage-users")) return c.json({ error: "HTTP 403 Forbidden" }, 403);
    await next();
  });
}

function nobody(username: string): User {
  return {
    id: crypto.randomUUID(),
    username,
    enabled: false,
    ...NAMELESS,
    password: undefined,
    mustChangePassword: false,
    realmRoles: [],
    clientRoles: {},
    serviceAccount: false,
  };
}

/** What is not named stays, unless attributes are: then, as at Keycloak, what is not named goes. */
function applied(user: User, fields: UserFields): User {
  const before = fields.attributes === undefined ? user : NAMELESS;
  return {
    ...user,
    enabled: fields.enabled ?? user.enabled,
    firstName: (fields.firstName ?? before.firstName) || undefined,
    lastName: (fields.lastName ?? before.lastName) || undefined,
    email: (fields.email ?? before.email) || undefined,
    provinsi: fields.attributes === undefined ? user.provinsi : fields.attributes.provinsi?.[0],
    mustChangePassword: fields.requiredActions === undefined
      ? user.mustChangePassword
      : fields.requiredActions.includes("UPDATE_PASSWORD"),
  };
}

async function readJson(c: Context): Promise<unknown> {
  try {
    return await c.req.json();
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Names the fields, never their values. */
function badRequest(c: Context, error: z.ZodError): Response {
  const field = error.issues[0]?.path.join(".") ?? "";
  return c.json({ field, errorMessage: `Field "${field}" is not valid` }, 400);
}

const page = (most: number) => z.string().regex(/^\d{1,6}$/).transform(Number).pipe(z.int().max(most));
const Query = z.strictObject({
  username: z.string().optional(),
  exact: z.literal("true").optional(),
  briefRepresentation: z.enum(["true", "false"]).optional(),
  first: page(999_999).default(0),
  max: page(1000).default(100),
}).refine(({ username, exact }) => username === undefined || exact === "true");

const Roles = z.array(z.object({ id: z.string(), name: z.string() })).max(50);

const ManagementClaims = z.object({
  resource_access: z.object({ "realm-management": z.object({ roles: z.array(z.string()) }) }),
});

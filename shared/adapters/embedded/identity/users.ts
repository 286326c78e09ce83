import type { User } from "./realm.ts";
import type { StoredUser, UserStore } from "./user_store.ts";

/** Everybody whom the provider knows: those of the realm file, and what the admin API made of them and added. */
export class Users {
  readonly #byId: Map<string, User>;
  readonly #byName: Map<string, User>;
  readonly #changed: Set<string>;

  private constructor(readonly store: UserStore, users: Iterable<User>, changed: Iterable<string>) {
    this.#byId = new Map(Array.from(users, (user) => [user.id, user]));
    this.#byName = new Map(Array.from(this.#byId.values(), (user) => [user.username, user]));
    this.#changed = new Set(changed);
  }

  /** Rejects when what is stored cannot be read: without it, disabled users would come back. */
  static async open(ofFile: Iterable<User>, store: UserStore): Promise<Users> {
    const users = new Map(Array.from(ofFile, (user) => [user.id, user]));
    const stored = await store.load();
    for (const user of stored) {
      const { password = users.get(user.id)?.password, ...rest } = user;
      users.set(user.id, { ...NAMELESS, ...rest, password, clientRoles: {}, serviceAccount: false });
    }
    return new Users(store, users.values(), stored.map(({ id }) => id));
  }

  byId(id: string): User | undefined {
    return this.#byId.get(id);
  }

  /** In any case of letters. */
  byName(username: string): User | undefined {
    return this.#byName.get(username.toLowerCase());
  }

  byEmail(email: string): User | undefined {
    return this.people().find((user) => user.email?.toLowerCase() === email.toLowerCase());
  }

  /** Without service accounts, by name. */
  people(): readonly User[] {
    const people = Array.from(this.#byId.values()).filter((user) => !user.serviceAccount);
    return people.sort((a, b) => a.username < b.username ? -1 : 1);
  }

  /** Adds the user, or puts it in the place of the one with its id; resolves when it is on the disk. */
  async put(user: User): Promise<void> {
    this.#byId.set(user.id, user);
    this.#byName.set(user.username, user);
    this.#changed.add(user.id);
    await this.store.save(() => this.#stored());
  }

  #stored(): readonly StoredUser[] {
    return Array.from(this.#changed, (id) => this.#byId.get(id)).filter((user) => user !== undefined).map(
      ({ password, clientRoles: _, serviceAccount: __, ...user }) =>
        // The password of a variable stays in its variable.
        password?.kind === "stored" ? { ...user, password } : user,
    );
  }
}

export const NAMELESS = { firstName: undefined, lastName: undefined, email: undefined, provinsi: undefined };

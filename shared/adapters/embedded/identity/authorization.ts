import { randomBytes } from "node:crypto";
import { LRUCache } from "lru-cache";
import type { PublicClient, User } from "./realm.ts";

/** Logins in progress and the codes that they end in. Each is used once and soon; the oldest give way. */
export class Codes {
  readonly #logins = new LRUCache<string, Timed<Login>>({ max: MOST_WAITING });
  readonly #codes = new LRUCache<string, Timed<Granted>>({ max: MOST_WAITING });
  readonly #spent = new LRUCache<string, string>({ max: MOST_WAITING });

  constructor(readonly codeSeconds: number, readonly now: () => number) {}

  begin(login: Login): string {
    const id = unguessable();
    this.#logins.set(id, { ...login, expiresAt: this.now() + LOGIN_SECONDS * 1000 });
    return id;
  }

  login(id: string): Login | undefined {
    return this.#fresh(this.#logins.get(id));
  }

  drop(id: string): void {
    this.#logins.delete(id);
  }

  /** Turns a login into a code. */
  grant(id: string, login: Login, user: User): string {
    this.#logins.delete(id);
    const code = unguessable();
    this.#codes.set(code, { ...login, user, expiresAt: this.now() + this.codeSeconds * 1000 });
    return code;
  }

  /** A code is good once, even when what follows is refused. */
  redeem(code: string): Granted | undefined {
    const granted = this.#fresh(this.#codes.get(code));
    this.#codes.delete(code);
    return granted;
  }

  spent(code: string, sessionId: string): void {
    this.#spent.set(code, sessionId);
  }

  /** The session that a code which was used before has opened. */
  openedBy(code: string): string | undefined {
    return this.#spent.get(code);
  }

  #fresh<T>(entry: Timed<T> | undefined): T | undefined {
    return entry && this.now() < entry.expiresAt ? entry : undefined;
  }
}

const MOST_WAITING = 10_000;
const LOGIN_SECONDS = 300;

const unguessable = () => randomBytes(32).toString("base64url");

export interface Login {
  readonly client: PublicClient;
  readonly redirectUri: string;
  readonly state: string | undefined;
  readonly nonce: string | undefined;
  readonly challenge: string;
  readonly openid: boolean;
  /** Id of the user whose password was right and must be changed now. */
  readonly changing?: string;
  /** In which the person is signed in by now. */
  readonly browser?: string;
}

export interface Granted extends Login {
  readonly user: User;
}

type Timed<T> = T & { readonly expiresAt: number };

// @ts-types="@types/pg"
import pg from "pg";
import type { Secret } from "../../security/secret.ts";
import { isTracing } from "../../telemetry/span.ts";
import { logIn } from "./log_in.ts";
import { traceQueries } from "./query_span.ts";

/**
 * A pool whose connections log in as the URL says when they are made. When it changes, those from before go on with what
 * they are doing and end when they are given back, once the server takes the new user or password: until then one a
 * second ends, so that another one tries. What nobody uses ends by the pool's idle time.
 */
export class FollowingPool extends pg.Pool {
  readonly #url: Secret;
  readonly #login: Login;

  constructor(url: Secret, options: pg.PoolConfig) {
    const login: Login = { next: url.value(), taken: url.value(), retireAt: 0, of: new WeakMap() };
    class Connection extends pg.Client {
      constructor(config: pg.ClientConfig = {}) {
        super({ ...config, connectionString: login.next });
        login.of.set(this, login.next);
        if (isTracing()) traceQueries(this);
      }
    }
    super({ ...options, connectionString: url.value(), Client: Connection });
    this.#url = url;
    this.#login = login;
    this.on("connect", (client) => login.taken = login.of.get(client) ?? login.taken);
  }

  override connect(): Promise<pg.PoolClient>;
  override connect(callback: ConnectCallback): void;
  override connect(callback?: ConnectCallback): Promise<pg.PoolClient> | void {
    const lent = logIn(this.#url, async (url) => {
      this.#login.next = url;
      return this.#lend(await super.connect());
    });
    if (!callback) return lent;
    lent.then(
      (client) => callback(undefined, client, client.release),
      (error) => callback(error, undefined, () => {}),
    );
  }

  #lend(client: pg.PoolClient): pg.PoolClient {
    const giveBack = client.release;
    client.release = (failure) => giveBack(failure || this.#retires(client));
    return client;
  }

  #retires(client: pg.PoolClient): boolean {
    const url = this.#url.value();
    if (this.#login.of.get(client) === url) return false;
    const now = performance.now();
    if (this.#login.taken !== url && now < this.#login.retireAt) return false;
    this.#login.retireAt = now + RETIRE_EVERY_MS;
    return true;
  }
}

interface Login {
  /** By which the next connection logs in. */
  next: string;
  /** By which the last one did. */
  taken: string;
  /** When another connection may end for the sake of a try, in milliseconds of `performance.now()`. */
  retireAt: number;
  readonly of: WeakMap<object, string>;
}

type ConnectCallback = (
  error: Error | undefined,
  client: pg.PoolClient | undefined,
  done: (release?: Error | boolean) => void,
) => void;

const RETIRE_EVERY_MS = 1_000;

import type { Socket } from "node:net";
import type { ISocketFactory, Logger } from "kafkajs";

/** What dead_connections.ts and its test use of kafkajs 2.2.4's src/network/connection.js, which it does not publish. */
export default class Connection {
  constructor(options: {
    readonly host: string;
    readonly port: number;
    readonly logger: Logger;
    readonly socketFactory: ISocketFactory;
    readonly connectionTimeout: number;
    readonly requestTimeout: number;
  });
  /** Undefined before the first `connect`. */
  readonly socket: Socket | undefined;
  connect(): Promise<boolean>;
  isConnected(): boolean;
  send(exchange: unknown): Promise<unknown>;
}

import type { ISocketFactory } from "kafkajs";

/** kafkajs 2.2.4's src/network/socketFactory, which it does not publish. */
export default function createSocketFactory(): ISocketFactory;

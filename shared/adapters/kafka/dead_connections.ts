// @ts-types="./internals/connection.d.ts"
import Connection from "kafkajs/src/network/connection.js";

/**
 * Makes kafkajs leave a connection on which a request was not answered in time, as Kafka's own client does
 * (NetworkClient.handleTimedOutRequests). kafkajs keeps it, and puts each further attempt on it: when the line was lost
 * without a word, a consumer would stand still until kafkajs gives up after a dozen of them.
 */
export function leaveDeadConnections(): void {
  Connection.prototype.send = async function (exchange) {
    try {
      return await send.call(this, exchange);
    } catch (error) {
      // What else waits on it is told so, and tries again on a new one.
      if (error instanceof Error && error.name === "KafkaJSRequestTimeoutError") this.socket?.destroy(error);
      throw error;
    }
  };
}

const send = Connection.prototype.send;

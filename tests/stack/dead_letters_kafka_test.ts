import { openKafkaEventLog } from "../../shared/adapters/kafka/event_log.ts";
import { deadLettersContract } from "../contract/dead_letters_contract.ts";
import { deleteAll, stackKafka } from "./stack_kafka.ts";

deadLettersContract("Kafka", {
  async open() {
    const options = stackKafka();
    const [log, second] = [await openKafkaEventLog(options), await openKafkaEventLog(options)];
    return {
      log,
      second: () => Promise.resolve(second),
      async close() {
        await Promise.all([log.close(), second.close()]);
        await deleteAll(options);
      },
    };
  },
  close: () => Promise.resolve(),
});

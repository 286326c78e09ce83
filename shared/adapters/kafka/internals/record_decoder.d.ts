import type { KafkaMessage } from "kafkajs";
import type Decoder from "./decoder.d.ts";

/** kafkajs 2.2.4's src/protocol/recordBatch/record/v0/decoder, which it does not publish. */
export default function decodeRecord(
  decoder: Decoder,
  batch: { readonly firstOffset: string; readonly firstTimestamp: string },
): KafkaMessage;

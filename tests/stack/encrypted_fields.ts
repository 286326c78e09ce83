import { Buffer } from "node:buffer";
import { Binary, BSON, type Document } from "mongodb";

/** Whether it is a field in the format of MongoDB's client-side field level encryption. */
export function isEncrypted(field: unknown): field is Binary {
  return field instanceof Binary && field.sub_type === Binary.SUBTYPE_ENCRYPTED;
}

/** All the bytes of the documents, as the server has them. */
export function clearText(documents: readonly Document[]): Buffer {
  return Buffer.from(BSON.serialize({ documents }));
}

import type { Secret } from "../../security/secret.ts";
import { classify } from "./errors.ts";

/**
 * Connects by the first URL of the secret's candidates whose user and password the server takes. Rejects with the last
 * refusal, or at once with any other failure.
 */
export async function logIn<T>(url: Secret, connect: (url: string) => Promise<T>): Promise<T> {
  let refusal: unknown;
  for await (const candidate of url.candidates(AbortSignal.timeout(WITHIN_MS))) {
    try {
      return await connect(candidate);
    } catch (error) {
      if (classify(error).code !== WRONG_PASSWORD) throw error;
      refusal = error;
    }
  }
  throw refusal;
}

const WITHIN_MS = 5_000;
/** A user who is not there is refused by the same code. */
const WRONG_PASSWORD = "28P01";

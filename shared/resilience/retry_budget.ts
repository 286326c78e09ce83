/**
 * Allows one retry for every ten calls, and ten at once for a start: retries can never be more than a tenth of the load
 * of a service that is down already. Each call is paid in by `earn`, each retry is taken out by `spend`.
 * Source: the retry budget of Finagle and of Envoy's clusters; "Addressing Cascading Failures", Site Reliability
 * Engineering, chapter 22.
 */
export class RetryBudget {
  // In tenths, for a sum of 0.1 never is a whole number.
  #tenths = MOST * PER_RETRY;

  earn(): void {
    this.#tenths = Math.min(this.#tenths + 1, MOST * PER_RETRY);
  }

  spend(): boolean {
    if (this.#tenths < PER_RETRY) return false;
    this.#tenths -= PER_RETRY;
    return true;
  }
}

const MOST = 10;
const PER_RETRY = 10;

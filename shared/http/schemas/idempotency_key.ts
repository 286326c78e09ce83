/** draft-ietf-httpapi-idempotency-key-header; the quotes of its structured form may be left out, as most clients do. */
export const IDEMPOTENCY_KEY = /^"([\x20-\x21\x23-\x7e]{1,255})"$|^([\x21\x23-\x7e]{1,255})$/;

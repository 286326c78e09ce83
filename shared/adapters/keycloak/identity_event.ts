/** What an observer of the identity client is told; nothing of the token or its owner. */
export type IdentityEvent =
  | { readonly kind: "keys-loaded" }
  | { readonly kind: "introspection"; readonly answer: "remembered" | "asked" | "unavailable" };

export type IdentityObserver = (event: IdentityEvent) => void;

import { ALGORITHM_ATTACKS } from "./algorithms.ts";
import { CLAIM_ATTACKS } from "./claims.ts";
import type { Attack } from "./forge.ts";
import { KEY_ATTACKS } from "./keys.ts";
import { SHAPE_ATTACKS } from "./shapes.ts";

/** Every hostile token, for the suites that try them on a provider and through the whole edge. */
export const TOKEN_ATTACKS: readonly Attack[] = [
  ...ALGORITHM_ATTACKS,
  ...KEY_ATTACKS,
  ...CLAIM_ATTACKS,
  ...SHAPE_ATTACKS,
];

import { z } from "zod";
import type { User } from "./realm.ts";

/** Keycloak's UserRepresentation, as far as the realm's user profile goes. */
export function represent(user: User) {
  return {
    id: user.id,
    username: user.username,
    enabled: user.enabled,
    emailVerified: false,
    ...(user.firstName !== undefined && { firstName: user.firstName }),
    ...(user.lastName !== undefined && { lastName: user.lastName }),
    ...(user.email !== undefined && { email: user.email }),
    ...(user.provinsi !== undefined && { attributes: { provinsi: [user.provinsi] } }),
    requiredActions: user.mustChangePassword ? ["UPDATE_PASSWORD"] : [],
  };
}

const name = z.string().max(255).regex(/^[^<>&"\v$%!#?§;*~/\\|^=[\]{}()\p{Cc}]*$/u);

/** What is not named here (roles, groups, an id, other attributes) is passed over, as Keycloak does. */
const fields = {
  enabled: z.boolean().optional(),
  firstName: name.optional(),
  lastName: name.optional(),
  email: z.union([z.literal(""), z.email().max(255)]).optional(),
  attributes: z.object({ provinsi: z.tuple([z.string().regex(/^[1-9][0-9]$/)]).or(z.tuple([])).optional() })
    .optional(),
  requiredActions: z.array(z.literal("UPDATE_PASSWORD")).optional(),
};

export const Credential = z.object({
  type: z.literal("password"),
  value: z.string().min(1).max(1024),
  temporary: z.boolean().default(false),
});

export const NewUser = z.object({
  ...fields,
  username: z.string().min(3).max(64).transform((text) => text.toLowerCase()).pipe(
    z.string().regex(/^[\p{L}\p{N}._@-]+$/u),
  ),
  credentials: z.tuple([Credential]).optional(),
});

export const UserChange = z.object(fields);
export type UserFields = z.output<typeof UserChange>;

import type { Context } from "hono";
import type { z } from "zod";
import { fieldErrors, invalidInput } from "./json_body.ts";
import type { FieldError } from "./problem.ts";

/** Parses the query of the address by the schema; throws the `Problem` that names everything wrong with it. */
export function readQuery<S extends z.ZodType>(c: Context, schema: S): z.output<S> {
  const given = Object.entries(c.req.queries());
  const repeated = given.flatMap(([field, values]): FieldError[] =>
    values.length > 1 ? [{ field, detail: "Ditulis lebih dari sekali" }] : []
  );
  if (repeated.length > 0) throw invalidInput(repeated);
  const parsed = schema.safeParse(Object.fromEntries(given.map(([field, [value]]) => [field, value])), {
    reportInput: true,
  });
  if (parsed.success) return parsed.data;
  throw invalidInput(fieldErrors(parsed.error));
}

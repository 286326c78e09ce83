import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { Client, Realm } from "./realm.ts";
import { sameSecret } from "./same_secret.ts";

/** An error answer of OAuth 2.0 (RFC 6749, section 5.2) in Keycloak's words. */
export class OAuthError extends Error {
  override readonly name = "OAuthError";

  constructor(readonly status: ContentfulStatusCode, readonly error: string, readonly description: string) {
    super(`${error}: ${description}`);
  }

  toResponse(c: Context): Response {
    return c.json({ error: this.error, error_description: this.description }, this.status);
  }
}

/** Reads a form; a parameter that comes twice is refused, since two readers could see two values. */
export async function readForm(c: Context): Promise<Form> {
  const params = new URLSearchParams(await c.req.text());
  const form = new Map(params);
  if (form.size !== params.size) throw new OAuthError(400, "invalid_request", "duplicated parameter");
  return form;
}

/** The client that calls, by HTTP Basic or by `client_id` and `client_secret` in the form. */
export function authenticateClient(c: Context, form: Form, realm: Realm): Client {
  const [id, secret] = basicCredentials(c.req.header("authorization")) ??
    [form.get("client_id"), form.get("client_secret")];
  const client = realm.clients.get(id ?? "");
  if (!client) {
    throw new OAuthError(401, "invalid_client", "Invalid client or Invalid client credentials");
  }
  if (client.kind === "confidential" && !sameSecret(secret ?? "", client.secret)) {
    throw new OAuthError(401, "unauthorized_client", "Invalid client or Invalid client credentials");
  }
  return client;
}

/** RFC 6749, section 2.3.1: both parts are form-encoded before they are joined. */
function basicCredentials(header: string | undefined): readonly [id: string, secret: string] | undefined {
  const encoded = header?.match(/^Basic ([A-Za-z0-9+/]+={0,2})$/i)?.[1];
  if (encoded === undefined) return undefined;
  const [, id, secret] = Buffer.from(encoded, "base64").toString().match(/^([^:]*):(.*)$/) ?? [];
  const decoded = new URLSearchParams(`id=${id ?? ""}&secret=${secret ?? ""}`);
  return [decoded.get("id") ?? "", decoded.get("secret") ?? ""];
}

export type Form = ReadonlyMap<string, string>;

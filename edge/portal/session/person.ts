/** Who is signed in, as the access token says. Only shown: the edge and the origins verify the token themselves. */
export interface Person {
  readonly subject: string;
  readonly name: string;
  readonly roles: ReadonlySet<PortalRole>;
  /** Two digits, of an officer who is bound to one province. */
  readonly provinsi: string | undefined;
}

const ROLES = ["petugas", "warga", "admin", "auditor"] as const;
export type PortalRole = typeof ROLES[number];

/** Reads the claims of a JWT (RFC 7519) without verifying it; undefined when it is none. */
export function readPerson(accessToken: string): Person | undefined {
  const claims = readClaims(accessToken);
  const subject = text(claims["sub"]);
  if (subject === undefined) return undefined;
  const access = claims["realm_access"];
  const given: unknown = isRecord(access) ? access["roles"] : undefined;
  return {
    subject,
    name: text(claims["preferred_username"]) ?? subject,
    roles: new Set(ROLES.filter((role) => Array.isArray(given) && given.includes(role))),
    provinsi: text(claims["provinsi"]),
  };
}

function readClaims(token: string): Readonly<Record<string, unknown>> {
  const payload = token.split(".")[1];
  if (payload === undefined) return {};
  try {
    const binary = atob(payload.replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
    const claims: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return isRecord(claims) ? claims : {};
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof DOMException) return {};
    throw error;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

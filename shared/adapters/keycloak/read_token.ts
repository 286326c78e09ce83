import { base64url } from "jose";
import * as z from "zod";

/**
 * Reads a JWS in compact form (RFC 7515) without looking at its signature. Undefined for what is none, what two
 * readers could read as two different tokens, and what would have its key looked up elsewhere than at the provider.
 */
export function readToken(token: string): ReadToken | undefined {
  const segments = token.split(".");
  const [head = "", body = ""] = segments;
  if (segments.length !== 3 || !segments.every(isCanonical)) return undefined;
  const header = protectedHeader.safeParse(readObject(head)).data;
  const payload = readObject(body);
  return header && payload && { header, payload };
}

/** Base64url without padding and with nothing in the bits that its last character leaves over (RFC 4648, 3.5). */
function isCanonical(segment: string): boolean {
  if (!/^[\w-]*$/.test(segment)) return false;
  const last = segment.at(-1) ?? "";
  return [true, false, "AQgw".includes(last), "AEIMQUYcgkosw048".includes(last)][segment.length % 4] ?? false;
}

function readObject(segment: string): object | undefined {
  try {
    const json = utf8.decode(base64url.decode(segment));
    const value: unknown = JSON.parse(json);
    if (typeof value !== "object" || value === null || repeatsMember(json)) return undefined;
    return value;
  } catch (error) {
    // Not UTF-8, or not JSON.
    if (error instanceof TypeError || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/**
 * Whether an object, however deep, has two members of one name: parsers keep the first or the last (RFC 8725, 2.4). The
 * text is known to be JSON by now, so that its tokens can be told by one expression.
 */
function repeatsMember(json: string): boolean {
  const open: Set<string>[] = [];
  let name = "";
  for (const [token] of json.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\]:]/g)) {
    if (token === "{" || token === "[") open.push(new Set());
    else if (token === "}" || token === "]") open.pop();
    else if (token !== ":") name = token;
    else {
      const names = open.at(-1);
      const parsed = String(JSON.parse(name));
      if (names?.has(parsed)) return true;
      names?.add(parsed);
    }
  }
  return false;
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

const absent = z.undefined().optional();

/** What is absent here would name a key of the sender's choice, or another form of the content than ours. */
const protectedHeader = z.object({
  alg: z.string(),
  kid: z.string().optional(),
  typ: z.enum(["JWT", "at+jwt"]),
  jku: absent,
  jwk: absent,
  x5u: absent,
  x5c: absent,
  crit: absent,
  b64: absent,
  cty: absent,
  enc: absent,
  zip: absent,
});

export interface ReadToken {
  readonly header: z.output<typeof protectedHeader>;
  readonly payload: object;
}

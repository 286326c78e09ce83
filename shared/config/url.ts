import * as z from "zod";

/** A text that is a URL with one of the schemes. */
export function url(...schemes: readonly string[]) {
  return z.string().refine(
    (text) => schemes.includes(parseUrl(text)?.protocol.slice(0, -1) ?? ""),
    `must be a URL that begins with ${schemes.map((scheme) => `${scheme}://`).join(" or ")}`,
  );
}

/** As the standard reads it, with the first host alone where MongoDB's form names several. */
export function parseUrl(text: string): URL | undefined {
  const single = text.replace(/^(mongodb(?:\+srv)?:\/\/(?:[^@/]*@)?[^,/?@]*)(?:,[^/?]*)/, "$1");
  return URL.parse(single) ?? undefined;
}

import type { Context, Hono } from "hono";
import type { AppEnv } from "../shared/http/app.ts";
import { PORTAL_PAGE, type PortalAsset, type PortalAssets } from "../shared/ports/portal_assets.ts";

/**
 * The page of officers, admins and auditors at `/`, and at `/callback`, whither the identity provider sends people
 * back. What it loads is named after its content, and so is kept for ever.
 */
export function servePortal(app: Hono<AppEnv>, { assets, issuer }: Portal): void {
  const page = assets.get(PORTAL_PAGE);
  if (page === undefined) {
    throw new Error(`Serve the portal failed: "${PORTAL_PAGE}" is not among its assets`);
  }
  const html = new TextDecoder().decode(page.body).replaceAll("{{issuer}}", escapeAttribute(issuer));
  const policy = contentPolicy(issuer);
  for (const path of ["/", "/callback"]) {
    app.get(path, (c) => {
      c.header("content-security-policy", policy);
      c.header("cache-control", "no-cache");
      return c.html(html);
    });
  }
  for (const [path, asset] of assets) {
    if (path !== PORTAL_PAGE) app.get(path, (c) => send(c, asset));
  }
}

export interface Portal {
  readonly assets: PortalAssets;
  /** Of the tokens, and where the page signs in. */
  readonly issuer: string;
}

function send(c: Context, { type, body, brotli }: PortalAsset) {
  c.header("content-type", type);
  c.header("cache-control", "public, max-age=31536000, immutable");
  c.header("vary", "accept-encoding");
  if (brotli === undefined || !takesBrotli(c.req.header("accept-encoding"))) return c.body(body);
  c.header("content-encoding", "br");
  return c.body(brotli);
}

/** RFC 9110, section 12.5.3: `br` is taken when it is named and not by a weight of zero. */
function takesBrotli(accepted = ""): boolean {
  return accepted.split(",").some((coding) => /^\s*br\s*(?:;\s*q=(?!0(?:\.0*)?\s*$).*)?$/i.test(coding));
}

/** Nothing from elsewhere, nothing inline, no text that becomes markup or code; it talks to us and the issuer alone. */
function contentPolicy(issuer: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    `connect-src 'self' ${new URL(issuer).origin}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; ");
}

function escapeAttribute(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
}

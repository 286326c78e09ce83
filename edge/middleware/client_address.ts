import type { MiddlewareHandler } from "hono";
import type { AppEnv } from "../../shared/http/app.ts";

/**
 * The address that asks. Behind `trustedProxies` proxies of our own, each of which appends the address it saw to
 * X-Forwarded-For, it is the one that the outermost of them saw; anything further left was written by the client.
 */
export function clientAddress(trustedProxies: number): MiddlewareHandler<AppEnv> {
  return async function clientAddress(c, next) {
    const seen = [
      ...(c.req.header("x-forwarded-for")?.split(",") ?? []).map((part) => part.trim()),
      c.env.remoteAddress,
    ];
    c.set("address", network(seen.at(-1 - trustedProxies) ?? seen[0] ?? ""));
    await next();
  };
}

/** An IPv6 subscriber owns a /64: single addresses of it would be a budget each. */
export function network(address: string): string {
  if (!address.includes(":") || address.startsWith("::ffff:")) return address.replace("::ffff:", "");
  const [head = "", tail] = address.split("::");
  const left = head.split(":").filter(Boolean);
  const right = tail === undefined ? [] : tail.split(":").filter(Boolean);
  const zeros = Array<string>(Math.max(0, 8 - left.length - right.length)).fill("0");
  const groups = tail === undefined ? left : [...left, ...zeros, ...right];
  return `${groups.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16)).join(":")}::/64`;
}

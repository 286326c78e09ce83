// The edge as one would build it of Fastify's own plugins. Arguments: port, origin, issuer, PEM file, limit.
import { readFileSync } from "node:fs";
import process from "node:process";
import Fastify from "fastify";
import jwt from "@fastify/jwt";
import proxy from "@fastify/http-proxy";
import rateLimit from "@fastify/rate-limit";

const [port, upstream, issuer, key, limit] = process.argv.slice(2);
const app = Fastify({ bodyLimit: 16_384 });
await app.register(jwt, {
  secret: { public: readFileSync(key) },
  verify: { algorithms: ["RS256"], allowedIss: issuer, allowedAud: "gateway" },
});
app.addHook("onRequest", async (request) => void await request.jwtVerify());
await app.register(rateLimit, {
  max: Number(limit),
  timeWindow: 60_000,
  hook: "preHandler",
  keyGenerator: (request) => request.user.sub,
});
await app.register(proxy, { upstream });
await app.listen({ host: "127.0.0.1", port: Number(port), backlog: 4096 });

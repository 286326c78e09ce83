// The least that Node needs to call a Web-standard `fetch`: `node node_host.mjs MODULE PORT`.
import { createServer } from "node:http";
import process from "node:process";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { pathToFileURL } from "node:url";

const [module, port] = process.argv.slice(2);
const { default: edge } = await import(pathToFileURL(module).href).catch((error) => {
  // Node itself would print the line of the bundle that threw, and a minified bundle is one line.
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
});

createServer(async (incoming, outgoing) => {
  const gone = new AbortController();
  outgoing.on("close", () => gone.abort());
  const hasBody = incoming.method !== "GET" && incoming.method !== "HEAD";
  const request = new Request(`http://${incoming.headers.host}${incoming.url}`, {
    method: incoming.method,
    headers: Object.entries(incoming.headers),
    body: hasBody ? Readable.toWeb(incoming) : null,
    duplex: "half",
    signal: gone.signal,
  });
  const response = await edge.fetch(request, { remoteAddr: { hostname: incoming.socket.remoteAddress } });
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  // Either side may end a stream early.
  await pipeline(Readable.fromWeb(response.body ?? new Blob([]).stream()), outgoing).catch(() => {});
}).listen(Number(port), "127.0.0.1");

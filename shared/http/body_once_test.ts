import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { createServer, type Server, type Socket } from "node:net";
import { bodyOnce } from "./body_once.ts";

describe("A body that is sent once", () => {
  let server: Server;
  let url = "";
  const received: string[] = [];
  const sockets = new Set<Socket>();
  before(async () => {
    server = createServer((socket) => {
      sockets.add(socket);
      let request = "";
      socket.on("error", () => {}).on("data", (bytes) => {
        request += String(bytes);
        if (!request.endsWith(LAST_CHUNK)) return;
        received.push(request);
        request = "";
        // Answers the first, and breaks the kept connection when the second has come.
        if (received.length === 1) socket.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nya");
        else socket.destroy();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    url = typeof address === "object" && address ? `http://127.0.0.1:${address.port}/` : "";
  });
  after(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });

  it("arrives whole, and not again when the kept connection breaks", async () => {
    const bytes = new TextEncoder().encode("pendaftaran");
    const post = async () => {
      const init: RequestInit & { duplex: "half" } = {
        ...{ method: "POST", body: bodyOnce(bytes), duplex: "half" },
      };
      const response = await fetch(new Request(url, init));
      return await response.text();
    };
    assert.equal(await post(), "ya");
    assert.match(received[0] ?? "", /pendaftaran/);
    await assert.rejects(post(), TypeError);
    assert.equal(received.length, 2);
  });
});

const LAST_CHUNK = "\r\n0\r\n\r\n";

/** `forward.ts TO_PORT PORT…`: hands every connection to one of the ports of this machine on to `TO_PORT`. */
const [target = 0, ...ports] = Deno.args.map(Number);

async function handOn(connection: Deno.Conn): Promise<void> {
  const server = await Deno.connect({ hostname: "127.0.0.1", port: target });
  // Either side may go at any moment, and that is no failure of the one in the middle.
  await Promise.allSettled([
    connection.readable.pipeTo(server.writable),
    server.readable.pipeTo(connection.writable),
  ]);
}

async function forward(port: number): Promise<void> {
  for await (const connection of Deno.listen({ hostname: "127.0.0.1", port })) void handOn(connection);
}

await Promise.all(ports.map(forward));

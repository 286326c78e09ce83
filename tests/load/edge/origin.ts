import { join } from "node:path";
import { claimPort } from "../../faults/system/ports.ts";
import { answers, startProcess } from "../machine/process.ts";

/** nginx with one worker, which gives every request the same small answer over kept connections. */
export async function startOrigin(folder: string) {
  const url = `http://127.0.0.1:${claimPort()}`;
  const file = join(folder, "nginx.conf");
  await Deno.writeTextFile(file, nginxConfiguration(folder, new URL(url).host));
  const process = await startProcess({
    name: "origin",
    logs: folder,
    command: "nginx",
    args: ["-c", file, "-p", folder],
    ready: (signal) => answers(url, signal),
  });
  return { ...process, url };
}

/** Of an origin in this folder that listens at this host and port. */
export const nginxConfiguration = (folder: string, address: string) =>
  `daemon off;
worker_processes 1;
worker_rlimit_nofile 8192;
pid ${folder}/nginx.pid;
error_log ${folder}/nginx.log;
events { worker_connections 4096; }
http {
  access_log off;
  keepalive_requests 1000000000;
  keepalive_timeout 300s;
  default_type application/json;
  client_body_temp_path ${folder}/nginx-bodies;
  server {
    listen ${address} backlog=4096;
    location / { return 200 '{"message":"Akses diotorisasi"}'; }
  }
}
`;

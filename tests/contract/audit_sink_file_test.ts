import { join } from "node:path";
import { openAuditFile } from "../../shared/adapters/file/audit_file.ts";
import { auditSinkContract } from "./audit_sink_contract.ts";

auditSinkContract("a file", async () => {
  const folder = await Deno.makeTempDir();
  const path = join(folder, "audit.jsonl");
  const sink = await openAuditFile(path);
  return {
    sink,
    texts: async () => (await Deno.readTextFile(path)).split("\n").slice(0, -1),
    async close() {
      await sink.close();
      await Deno.remove(folder, { recursive: true });
    },
  };
});

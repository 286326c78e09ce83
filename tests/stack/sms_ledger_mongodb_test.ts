import { openMongoSmsLedger } from "../../shared/adapters/mongodb/sms_ledger.ts";
import { generateKeys, parseKeys } from "../../shared/security/key_ring.ts";
import { smsLedgerContract } from "../contract/sms_ledger_contract.ts";
import { openTestMongo } from "./mongodb.ts";

smsLedgerContract("MongoDB", async () => {
  const { mongo, drop } = await openTestMongo();
  const { columns } = parseKeys(generateKeys(new Date()));
  return {
    open: (options) => openMongoSmsLedger(mongo, columns, options),
    close: drop,
  };
});

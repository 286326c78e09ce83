import { FakeLedgerStore } from "../fakes/sms.ts";
import { smsLedgerContract } from "./sms_ledger_contract.ts";

smsLedgerContract("memory, for tests", () => {
  const store = new FakeLedgerStore();
  return Promise.resolve({
    open: (options) => Promise.resolve(store.open(options)),
    close: () => Promise.resolve(),
  });
});

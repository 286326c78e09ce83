import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { capacityOf, largestProvince, processesFor, RATES, smsPerSecond, storageGb } from "./model.ts";

describe("The capacity model", () => {
  const part = { cpuMs: 0.5, cpu: 2, threads: 1 };

  it("counts no CPU that the threads of a process cannot use", () => {
    assert.equal(capacityOf({ ...part, processes: 3 }), 3_600);
    assert.equal(capacityOf({ ...part, threads: 4, processes: 3 }), 7_200);
  });

  it("asks for as many processes as carry the rate, and never for one alone", () => {
    assert.equal(processesFor(1, part), 2);
    assert.equal(processesFor(3_600, part), 3);
    assert.equal(processesFor(3_601, part), 4);
  });

  it("takes the peak of births for 50 times 13,000 a day", () => {
    assert.equal(Math.round(RATES.peak * 86_400), 650_000);
  });

  it("keeps every resident and forgets old events", () => {
    const [one, two] = [storageGb(1_000, 0), storageGb(2_000, 0)];
    assert.equal(two.postgres, 2 * one.postgres);
    assert.deepEqual([one.kafka, two.kafka], [0, 0]);
    assert.equal(storageGb(0, 2_000).kafka, 2 * storageGb(0, 1_000).kafka);
  });

  it("lets the largest province say up to which rate SMS keep up", () => {
    const { nama, share } = largestProvince();
    assert.equal(nama, "Jawa Barat");
    assert.ok(share > 0.15 && share < 0.2, `${share}`);
    assert.ok(smsPerSecond() > RATES.peak, "The peak of births must be told");
    assert.ok(smsPerSecond() < RATES.target, "Say so in the page when this is no longer so");
  });
});

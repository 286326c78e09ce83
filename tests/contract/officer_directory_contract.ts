import assert from "node:assert/strict";
import { after, before, describe, it } from "@std/testing/bdd";
import { type KodeProvinsi, PROVINSI } from "../../shared/penduduk/provinsi.ts";
import {
  DEFAULT_OFFICER_ID,
  type OfficerRegister,
  parseTelepon,
  type Telepon,
} from "../../shared/ports/sms.ts";

/** What every directory promises. `open` answers an empty one whose clock is `now`, in monotonic milliseconds. */
export function officerDirectoryContract(
  name: string,
  open: (options: { readonly defaultOfficer: Telepon; readonly now: () => number }) => Promise<OpenDirectory>,
): void {
  describe(`The officers in ${name}`, () => {
    let clock = 1_000;
    let opened: OpenDirectory;
    const fallback = [{ id: DEFAULT_OFFICER_ID, telepon: number(0) }];

    before(async () => {
      opened = await open({ defaultOfficer: number(0), now: () => clock });
    });
    after(async () => await opened.close());

    it("are the default officer in a province that has none", async () => {
      assert.deepEqual(await opened.directory.of(province(0)), fallback);
    });

    it("are those of the province and of no other", async () => {
      const first = await opened.assign(province(1), number(1));
      const second = await opened.assign(province(1), number(2));
      const elsewhere = await opened.assign(province(2), number(1));
      assert.deepEqual(await opened.directory.of(province(1)), [
        { id: first, telepon: number(1) },
        { id: second, telepon: number(2) },
      ]);
      assert.deepEqual(await opened.directory.of(province(2)), [{ id: elsewhere, telepon: number(1) }]);
      assert.deepEqual(await opened.directory.of(province(3)), fallback);
    });

    it("keep one entry and its id when a number is entered twice", async () => {
      const first = await opened.assign(province(4), number(1));
      await opened.assign(province(4), number(1));
      assert.deepEqual(await opened.directory.of(province(4)), [{ id: first, telepon: number(1) }]);
    });

    it("show a change after ten seconds at the latest", async () => {
      await opened.directory.of(province(5));
      const id = await opened.assign(province(5), number(1));
      clock += 10_001;
      assert.deepEqual(await opened.directory.of(province(5)), [{ id, telepon: number(1) }]);
    });

    it("keep their id with another number, which may be entered anew as somebody else's then", async () => {
      const id = await opened.assign(province(7), number(1));
      await opened.assign(province(7), number(1));
      assert.equal(await opened.directory.change(province(7), id, number(2)), "changed");
      assert.deepEqual(await opened.directory.of(province(7)), [{ id, telepon: number(2) }]);
      const other = await opened.directory.assign(province(7), number(1));
      assert.deepEqual(await opened.directory.of(province(7)), [
        { id, telepon: number(2) },
        { id: other, telepon: number(1) },
      ]);
      assert.equal(await opened.directory.change(province(7), id, number(1)), "taken");
      assert.equal(await opened.directory.change(province(7), id, number(2)), "changed");
      assert.equal(await opened.directory.change(province(8), id, number(3)), "unknown");
      assert.equal(await opened.directory.change(province(7), crypto.randomUUID(), number(3)), "unknown");
    });

    it("are gone when they are dismissed, and the province has the default officer again", async () => {
      const id = await opened.assign(province(9), number(1));
      await opened.assign(province(9), number(1));
      assert.equal(await opened.directory.dismiss(province(10), id), "unknown");
      assert.equal(await opened.directory.dismiss(province(9), id), "dismissed");
      assert.deepEqual(await opened.directory.of(province(9)), fallback);
      assert.equal(await opened.directory.dismiss(province(9), id), "unknown");
    });

    it("have ids that say nothing of the number", async () => {
      const id = await opened.assign(province(6), number(7));
      assert.ok(!id.includes("99907"));
    });

    it("answer that they can be reached", async () =>
      await opened.directory.check(AbortSignal.timeout(5_000)));
  });
}

function province(i: number): KodeProvinsi {
  return PROVINSI[i]?.kode ?? assert.fail();
}

function number(i: number): Telepon {
  return parseTelepon(`+628000009990${i}`) ?? assert.fail();
}

export interface OpenDirectory {
  readonly directory: OfficerRegister;
  /** Enters an officer and answers the id. */
  assign(provinsi: KodeProvinsi, telepon: Telepon): Promise<string>;
  close(): Promise<void>;
}

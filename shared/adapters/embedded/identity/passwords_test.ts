import { beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { PasswordCheck } from "./passwords.ts";
import { hashPassword } from "./password_hash.ts";
import type { User } from "./realm.ts";
import { FORGETFUL } from "./user_store.ts";
import { Users } from "./users.ts";

const LOCKOUT = { failures: 5, waitSeconds: 60, maxWaitSeconds: 150, forgetSeconds: 3_600 };

describe("PasswordCheck", () => {
  let now: number;
  let passwords: PasswordCheck;
  const check = async (name: string, password: string) => (await passwords.check(name, password)).kind;
  const right = () => check("warga", "rahasia");
  const fail = async (times: number) => {
    for (let i = 0; i < times; i++) assert.equal(await check("warga", "salah"), "wrong");
  };
  const open = async (...users: readonly User[]) => {
    const known = await Users.open(users, FORGETFUL);
    passwords = new PasswordCheck({ users: known, lockout: LOCKOUT, work: 1, now: () => now });
    return known;
  };

  beforeEach(async () => {
    now = 1_800_000_000_000;
    await open(user("warga", true), user("mantan", false));
  });

  it("takes the name in any case", async () => {
    assert.equal(await check("WARGA", "rahasia"), "right");
  });

  it("tells a disabled user only who knows the password", async () => {
    assert.equal(await check("mantan", "rahasia"), "disabled");
    assert.equal(await check("mantan", "salah"), "wrong");
  });

  it("lets nobody in without a password", async () => {
    const account = { ...user("service-account-x", true), password: undefined };
    await open(account);
    assert.equal(await check("service-account-x", ""), "wrong");
    assert.equal(await check("tidak-ada", ""), "wrong");
  });

  it("forgives four wrong passwords and starts counting again after the right one", async () => {
    await fail(4);
    assert.equal(await right(), "right");
    await fail(4);
    assert.equal(await right(), "right");
  });

  it("locks after five, for a minute", async () => {
    await fail(5);
    assert.equal(await right(), "wrong");
    now += 59_999;
    assert.equal(await right(), "wrong");
    now += 1;
    assert.equal(await right(), "right");
  });

  it("does not count while it is locked", async () => {
    await fail(50);
    now += 60_000;
    assert.equal(await right(), "right");
  });

  it("locks longer each time, up to the limit", async () => {
    const waits = [60, 60, 60, 60, 60, 120, 120, 120, 120, 120, 150, 150];
    await fail(4);
    for (const seconds of waits) {
      await fail(1);
      now += seconds * 1000 - 1;
      assert.equal(await right(), "wrong", `after ${seconds} s`);
      now += 1;
    }
    assert.equal(await right(), "right");
  });

  it("forgets failures that are long ago", async () => {
    await fail(4);
    now += LOCKOUT.forgetSeconds * 1000 + 1;
    await fail(1);
    assert.equal(await right(), "right");
  });

  it("takes a stored password, hashed, and not the hash itself", async () => {
    const hash = await hashPassword("sandi-tersimpan", 1);
    await open({ ...user("warga", true), password: { kind: "stored", hash } });
    assert.equal(await check("warga", "sandi-tersimpan"), "right");
    assert.equal(await check("warga", "rahasia"), "wrong");
    assert.equal(await check("warga", hash), "wrong");
  });

  it("counts attempts at the same time like those one after the other", async () => {
    const attempts = [...Array(20).fill("salah"), "rahasia"].map((password) => check("warga", password));
    assert.deepEqual(new Set(await Promise.all(attempts)), new Set(["wrong"]));
  });

  it("takes no password that was replaced while it was checked", async () => {
    const users = await open(user("warga", true));
    // Before the check begins: two hashes at once may be done in either order.
    const hash = await hashPassword("x", 1);
    const checked = check("warga", "rahasia");
    await users.put({ ...user("warga", true), password: { kind: "stored", hash } });
    assert.equal(await checked, "wrong");
  });

  it("lets in again at once whom the administrator has freed", async () => {
    await fail(5);
    passwords.forget("warga");
    assert.equal(await right(), "right");
  });
});

function user(username: string, enabled: boolean): User {
  return {
    id: username,
    username,
    enabled,
    firstName: undefined,
    lastName: undefined,
    email: undefined,
    provinsi: undefined,
    password: { kind: "configured", clear: "rahasia" },
    mustChangePassword: false,
    realmRoles: [],
    clientRoles: {},
    serviceAccount: false,
  };
}

import { beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { PasswordCheck } from "./passwords.ts";
import type { User } from "./realm.ts";

const LOCKOUT = { failures: 5, waitSeconds: 60, maxWaitSeconds: 150, forgetSeconds: 3_600 };

describe("PasswordCheck", () => {
  let now: number;
  let passwords: PasswordCheck;
  const right = () => passwords.check("warga", "rahasia").kind;
  const fail = (times: number) => {
    for (let i = 0; i < times; i++) assert.equal(passwords.check("warga", "salah").kind, "wrong");
  };

  beforeEach(() => {
    now = 1_800_000_000_000;
    const users = [user("warga", true), user("mantan", false)];
    passwords = new PasswordCheck(new Map(users.map((user) => [user.username, user])), LOCKOUT, () => now);
  });

  it("takes the name in any case", () => {
    assert.equal(passwords.check("WARGA", "rahasia").kind, "right");
  });

  it("tells a disabled user only who knows the password", () => {
    assert.equal(passwords.check("mantan", "rahasia").kind, "disabled");
    assert.equal(passwords.check("mantan", "salah").kind, "wrong");
  });

  it("lets nobody in without a password", () => {
    const account = { ...user("service-account-x", true), password: undefined };
    passwords = new PasswordCheck(new Map([[account.username, account]]), LOCKOUT, () => now);
    assert.equal(passwords.check("service-account-x", "").kind, "wrong");
    assert.equal(passwords.check("tidak-ada", "").kind, "wrong");
  });

  it("forgives four wrong passwords and starts counting again after the right one", () => {
    fail(4);
    assert.equal(right(), "right");
    fail(4);
    assert.equal(right(), "right");
  });

  it("locks after five, for a minute", () => {
    fail(5);
    assert.equal(right(), "wrong");
    now += 59_999;
    assert.equal(right(), "wrong");
    now += 1;
    assert.equal(right(), "right");
  });

  it("does not count while it is locked", () => {
    fail(50);
    now += 60_000;
    assert.equal(right(), "right");
  });

  it("locks longer each time, up to the limit", () => {
    const waits = [60, 60, 60, 60, 60, 120, 120, 120, 120, 120, 150, 150];
    fail(4);
    for (const seconds of waits) {
      fail(1);
      now += seconds * 1000 - 1;
      assert.equal(right(), "wrong", `after ${seconds} s`);
      now += 1;
    }
    assert.equal(right(), "right");
  });

  it("forgets failures that are long ago", () => {
    fail(4);
    now += LOCKOUT.forgetSeconds * 1000 + 1;
    fail(1);
    assert.equal(right(), "right");
  });
});

function user(username: string, enabled: boolean): User {
  return { id: username, username, enabled, password: "rahasia", realmRoles: [], clientRoles: {} };
}

import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { countLeaves } from "./junit.ts";

describe("countLeaves", () => {
  it("counts tests, not the groups around them", () => {
    const xml = report(
      testcase("kotak"),
      testcase("kotak > satu"),
      testcase("kotak > dalam"),
      testcase("kotak > dalam > dua"),
    );
    assert.deepEqual(countLeaves(xml), { passed: 2, failed: 0, ignored: 0 });
  });

  it("counts a failed test once, though its groups fail with it", () => {
    const xml = report(
      testcase("kotak", failure("1 test step failed")),
      testcase("kotak > dalam", failure("2 test steps failed")),
      testcase("kotak > dalam > satu", failure("Uncaught Error: a")),
      testcase("kotak > dalam > dua", failure("Uncaught Error: b")),
      testcase("kotak > tiga"),
    );
    assert.deepEqual(countLeaves(xml), { passed: 1, failed: 2, ignored: 0 });
  });

  it("counts a group whose own set-up failed", () => {
    const withTests = report(testcase("kotak", failure("Uncaught Error: before")), testcase("kotak > satu"));
    assert.deepEqual(countLeaves(withTests), { passed: 1, failed: 1, ignored: 0 });
    const alone = report(testcase("kotak", failure("Uncaught Error: before")));
    assert.deepEqual(countLeaves(alone), { passed: 0, failed: 1, ignored: 0 });
  });

  it("does not count ignored tests as passed", () => {
    assert.deepEqual(countLeaves(report(testcase("satu", "<skipped/>"))), {
      passed: 0,
      failed: 0,
      ignored: 1,
    });
  });

  it("finds nothing in an empty report", () => {
    assert.deepEqual(countLeaves(""), { passed: 0, failed: 0, ignored: 0 });
  });
});

function report(...cases: readonly string[]): string {
  return `<?xml version="1.0"?><testsuites><testsuite name="x">${cases.join("\n")}</testsuite></testsuites>`;
}

function testcase(name: string, body = ""): string {
  return `<testcase name="${
    name.replaceAll(">", "&gt;")
  }" classname="x" time="0.001" line="1" col="1">\n${body}\n</testcase>`;
}

function failure(message: string): string {
  return `<failure message="${message}">${message}.</failure>`;
}

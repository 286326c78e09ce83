import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { attackTable } from "./attacks.ts";

describe("attackTable", () => {
  it("counts the attacks of each class and names those that were accepted", () => {
    const table = attackTable([
      testcase("Attacks by tokens"),
      testcase("Attacks by tokens &gt; a token without a signature is refused"),
      testcase(
        "Attacks by tokens &gt; Keycloak &gt; an old token is refused",
        "<failure message='x'>x</failure>",
      ),
      testcase("Attacks by login"),
      testcase("Attacks by login &gt; a guess is refused"),
      testcase("the search for clear text"),
      testcase("the search for clear text &gt; finds nothing"),
    ].join(""));
    assert.deepEqual(table.split("\n").map((line) => line.replaceAll(/ +/g, " ")), [
      "login 1 tried 1 refused",
      "tokens 2 tried 1 refused",
      "all 3 tried 2 refused",
      "ACCEPTED tokens: Keycloak > an old token is refused",
    ]);
  });

  it("counts an attack that was not tried as accepted", () => {
    const table = attackTable(testcase("Attacks by tokens &gt; a guess is refused", "<skipped/>"));
    assert.match(table, /ACCEPTED tokens: a guess is refused/);
  });
});

function testcase(name: string, body = ""): string {
  return `<testcase name="${name}" classname="x" time="0.001">${body}</testcase>`;
}

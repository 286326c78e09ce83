import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { signature } from "./callbacks.ts";

describe("The local Messages API signs", () => {
  it("as Twilio's documentation shows", async () => {
    const form = {
      CallSid: "CA1234567890ABCDE",
      Caller: "+12349013030",
      Digits: "1234",
      From: "+12349013030",
      To: "+18005551212",
    };
    const url = "https://mycompany.com/myapp.php?foo=1&bar=2";
    assert.equal(await signature("12345", url, form), "0/KCTR6DLpKmkAf8muzZqo1nDgQ=");
  });
});

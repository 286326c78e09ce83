import { randomInt } from "node:crypto";
import type { NewPassword } from "../../../shared/ports/user_directory.ts";
import type { World } from "./world.ts";

/**
 * 20 characters, some 115 bits: nobody guesses it. Letters and digits that are not taken for one another, so that it
 * can be read out, and none that a shell or a spreadsheet understands.
 */
export function makePassword(): string {
  return Array.from({ length: 20 }, () => ALPHABET[randomInt(ALPHABET.length)]).join("");
}

export async function passwordFor(command: PasswordCommand, world: World): Promise<NewPassword> {
  const value = command.passwordFromStdin ? await world.readPassword() : makePassword();
  return { value, mustChange: command.mustChange };
}

/** The only place that shows a password, and the person's terminal the only one that gets it. */
export function sayPassword({ value, mustChange }: NewPassword, say: World["say"]): void {
  say(`Password, shown this once${mustChange ? ", to be changed at the first sign-in" : ""}: ${value}`);
}

const ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789";

interface PasswordCommand {
  readonly passwordFromStdin: boolean;
  readonly mustChange: boolean;
}

import { signal } from "@preact/signals";
import { type Person, readPerson } from "./person.ts";
import { isRefusal, SignIn, type Tokens } from "./sign_in.ts";

export type Session =
  | { readonly kind: "opening" }
  | { readonly kind: "out"; readonly trouble?: SignInTrouble }
  | { readonly kind: "in"; readonly person: Person }
  /** Ended by the provider: the page stays as it is until the person has signed in again. */
  | { readonly kind: "expired"; readonly person: Person };

export type SignInTrouble = "failed" | "refused" | "unreachable";

export const session = signal<Session>({ kind: "opening" });

/** Called once, when the page was loaded: comes back from the provider, goes to it again after a reload, or waits. */
export async function openSession(): Promise<void> {
  const here = new URL(location.href);
  if (here.pathname === "/callback") {
    await finish(here);
  } else if (sessionStorage.getItem(WAS_IN) !== null) {
    // Tokens ended with the page that was reloaded; the provider still knows the person.
    await beginSignIn();
  } else {
    session.value = { kind: "out" };
  }
}

export async function beginSignIn(): Promise<void> {
  sessionStorage.removeItem(WAS_IN);
  sessionStorage.setItem(VIEW, location.hash);
  if (session.value.kind !== "expired") session.value = { kind: "opening" };
  try {
    location.assign(await signIn().begin());
  } catch (error) {
    session.value = { kind: "out", trouble: troubleOf(error) };
  }
}

export async function signOut(): Promise<void> {
  // Or a renewal on its way would bring tokens after they were forgotten.
  await renewing?.catch(() => undefined);
  const refreshToken = tokens?.refreshToken;
  forget();
  // Whoever could sign in again before the provider has heard of it would still be known to it, without a password.
  session.value = { kind: "opening" };
  // Without an answer the session ends by itself when it idles; this page has forgotten its tokens either way.
  if (refreshToken !== undefined) await signIn().end(refreshToken).catch(() => undefined);
  session.value = { kind: "out" };
}

/** A token that is good for some time to come; undefined when the session has ended. Rejects without a connection. */
export async function accessToken(): Promise<string | undefined> {
  if (!tokens) return undefined;
  if (Date.now() < tokens.renewAt) return tokens.accessToken;
  return await renew();
}

/** After a 401 to a token that looked good: another one, or the end of the session. */
export async function renew(): Promise<string | undefined> {
  // A refresh token is good once: all who ask meanwhile wait for the same answer.
  renewing ??= refresh().finally(() => renewing = undefined);
  return await renewing;
}

let tokens: (Tokens & { readonly renewAt: number }) | undefined;
let renewing: Promise<string | undefined> | undefined;
let client: SignIn | undefined;

async function finish(callback: URL): Promise<void> {
  // Before anything else: a code in the address would be in the history, and sent again by a reload.
  history.replaceState(null, "", `/${sessionStorage.getItem(VIEW) ?? ""}`);
  sessionStorage.removeItem(VIEW);
  try {
    keep(await signIn().finish(callback));
  } catch (error) {
    session.value = { kind: "out", trouble: troubleOf(error) };
  }
}

async function refresh(): Promise<string | undefined> {
  const refreshToken = tokens?.refreshToken;
  if (refreshToken === undefined) return expire();
  try {
    return keep(await signIn().refresh(refreshToken));
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return expire();
  }
}

function keep(fresh: Tokens): string | undefined {
  const person = readPerson(fresh.accessToken);
  if (!person) return expire();
  tokens = { ...fresh, renewAt: Date.now() + (fresh.expiresIn - EARLY_SECONDS) * 1_000 };
  sessionStorage.setItem(WAS_IN, "yes");
  const now = session.value;
  if (now.kind !== "in" || now.person.subject !== person.subject) session.value = { kind: "in", person };
  return fresh.accessToken;
}

function expire(): undefined {
  const now = session.value;
  forget();
  session.value = now.kind === "in" ? { kind: "expired", person: now.person } : { kind: "out" };
}

function forget(): void {
  tokens = undefined;
  sessionStorage.removeItem(WAS_IN);
}

function troubleOf(error: unknown): SignInTrouble {
  if (isRefusal(error)) return "refused";
  return error instanceof TypeError || error instanceof DOMException ? "unreachable" : "failed";
}

function signIn(): SignIn {
  const issuer = document.querySelector<HTMLMetaElement>('meta[name="issuer"]')?.content ?? "";
  client ??= new SignIn(new URL(issuer), `${location.origin}/callback`, sessionStorage);
  return client;
}

/** Before the token expires, so that none expires on its way. */
const EARLY_SECONDS = 30;
/** That this tab was signed in; nothing of who or by what. */
const WAS_IN = "was-signed-in";
const VIEW = "view";

import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";

/** Debian's Chromium, or the one that CHROMIUM names. */
export function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: Deno.env.get("CHROMIUM") ?? "/usr/bin/chromium",
    args: [
      ...["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-component-update"],
      ...["--disable-background-networking", "--disable-sync"],
    ],
  });
}

/** Somebody at a browser of their own, signed in through the provider's page. What the page throws fails the test. */
export async function visit(browser: Browser, edge: string, options: VisitOptions = {}): Promise<Visitor> {
  const { as, width = 1280, scheme = "light", path = "" } = options;
  const context = await browser.newContext({
    baseURL: edge,
    viewport: { width, height: 900 },
    colorScheme: scheme,
    reducedMotion: "reduce",
    locale: "id-ID",
    timezoneId: "Asia/Jakarta",
  });
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(`${error.name}: ${error.message}`));
  page.on("console", (message) => {
    if (/content security policy/i.test(message.text())) faults.push(message.text());
  });
  await page.goto("/");
  if (as !== undefined) await signIn(page, as);
  if (path !== "") await open(page, path);
  return { context, page, faults };
}

export async function signIn(page: Page, username: string): Promise<void> {
  await page.getByRole("button", { name: "Masuk" }).first().click();
  await page.locator('input[name="username"]').fill(username);
  await page.locator('input[name="password"]').fill(`${username}-rahasia`);
  await page.getByRole("button", { name: "Masuk", exact: true }).click();
  await page.getByRole("button", { name: "Keluar" }).waitFor();
}

/** Goes to a view without a new page, which would forget the tokens. */
export async function open(page: Page, hash: string): Promise<void> {
  await page.evaluate(`location.hash = ${JSON.stringify(hash)}`);
}

export interface VisitOptions {
  readonly as?: string;
  readonly width?: number;
  readonly scheme?: "light" | "dark";
  readonly path?: string;
}

export interface Visitor {
  readonly context: BrowserContext;
  readonly page: Page;
  /** Errors that nobody caught, and what the content security policy refused. */
  readonly faults: readonly string[];
}

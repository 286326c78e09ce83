import type { Page } from "playwright-core";
import { withPostgres } from "../run/postgres.ts";
import { launch, visit } from "./browser.ts";
import { populate } from "./population.ts";
import { startSystem } from "./system.ts";
import { VIEWS } from "./views.ts";

/** `deno task portal:pictures`: takes the README's pictures of the page anew, of people who do not exist. */
function main(): Promise<number> {
  return withPostgres(async (url) => {
    Deno.env.set("TEST_DATABASE_URL", url);
    const system = await startSystem();
    try {
      await populate(system.edge);
      await takePictures(system.edge);
    } finally {
      await system.stop();
    }
    return 0;
  });
}

const FOLDER = "ops/pictures";
const SHOWN = ["register", "statistics", "audit"];

async function takePictures(edge: string): Promise<void> {
  await Deno.mkdir(FOLDER, { recursive: true });
  const browser = await launch();
  try {
    for (const { name, as, path, prepare } of VIEWS.filter(({ name }) => SHOWN.includes(name))) {
      const options = { ...(as !== undefined && { as }), ...(path !== undefined && { path }) };
      const { page } = await visit(browser, edge, options);
      await prepare(page);
      // The looks are tested with all opened up, which hides what stands below.
      await page.locator("details").evaluateAll((all) => all.forEach((one) => one.removeAttribute("open")));
      await Deno.writeFile(`${FOLDER}/${name}.webp`, await picture(page));
    }
  } finally {
    await browser.close();
  }
}

/** What the window shows, as WebP, which Playwright itself does not write. */
async function picture(page: Page): Promise<Uint8Array> {
  const devtools = await page.context().newCDPSession(page);
  const { data } = await devtools.send("Page.captureScreenshot", { format: "webp", quality: 80 });
  return Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
}

if (import.meta.main) Deno.exit(await main());

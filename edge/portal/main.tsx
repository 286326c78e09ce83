import { render } from "preact";
import { effect } from "@preact/signals";
import { App } from "./app.tsx";
import { watchPlace } from "./place.ts";
import { openSession } from "./session/session.ts";
import { language } from "./texts/texts.ts";
import { watchConnection } from "./ui/connection.ts";

effect(() => {
  document.documentElement.lang = language.value;
});
watchConnection();
watchPlace();
const root = document.getElementById("portal");
if (!root) throw new Error("The page has no place for the portal");
render(<App />, root);
await openSession();

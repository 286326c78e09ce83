import { useEffect, useRef } from "preact/hooks";
import { place } from "../place.ts";
import type { Person } from "../session/person.ts";
import { signOut } from "../session/session.ts";
import { chooseLanguage, type Language, language, LANGUAGES, t } from "../texts/texts.ts";
import { viewFor, viewsOf } from "../views.ts";

export function Header({ person }: { person: Person | undefined }) {
  return (
    <header class="header">
      <div class="header-row">
        <a class="brand" href="#/">
          <svg class="brand-mark" viewBox="0 0 32 32" aria-hidden="true">
            <circle cx="16" cy="11" r="6" />
            <path d="M4 28c1-7 6-10 12-10s11 3 12 10z" />
          </svg>
          {t("app.name")}
        </a>
        <div class="header-end">
          <Languages />
          {person && (
            <>
              <span class="who">
                <span class="visually-hidden">{t("signIn.as", { name: "" })}</span>
                {person.name}
              </span>
              <button type="button" class="button button-plain button-small" onClick={() => void signOut()}>
                {t("signIn.out")}
              </button>
            </>
          )}
        </div>
      </div>
      {person && <Menu person={person} />}
    </header>
  );
}

function Menu({ person }: { person: Person }) {
  const current = viewFor(person.roles, place.value.path);
  const open = viewsOf(person.roles);
  const menu = useRef<HTMLElement>(null);
  // On a narrow screen the menu is longer than the window.
  useEffect(() => {
    menu.current?.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
  }, [current]);
  return (
    <nav class="menu" aria-label={t("app.menu")} ref={menu}>
      <ul>
        {open.map(({ path, label }) => (
          <li key={path}>
            <a href={`#/${path}`} aria-current={path === current ? "page" : undefined}>{t(label)}</a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function Languages() {
  return (
    <div class="languages" role="group" aria-label={t("app.language")}>
      {(["id", "en"] satisfies Language[]).map((code) => (
        <button
          key={code}
          type="button"
          lang={code}
          aria-pressed={language.value === code}
          aria-label={`${code.toUpperCase()}: ${LANGUAGES[code]}`}
          onClick={() => chooseLanguage(code)}
        >
          {code.toUpperCase()}
        </button>
      ))}
    </div>
  );
}

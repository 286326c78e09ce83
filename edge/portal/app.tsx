import { useEffect, useState } from "preact/hooks";
import { AdminPage } from "./admin/views.tsx";
import { AuditPage } from "./auditor/audit_page.tsx";
import { ChainPage } from "./auditor/chain_page.tsx";
import { Desk } from "./officer/desk.ts";
import { LookPage } from "./officer/look_page.tsx";
import { RegistrationPage } from "./officer/registration_page.tsx";
import { place } from "./place.ts";
import type { Person } from "./session/person.ts";
import { beginSignIn, session } from "./session/session.ts";
import { t } from "./texts/texts.ts";
import { online } from "./ui/connection.ts";
import { Header } from "./ui/header.tsx";
import { Cloud } from "./ui/icons.tsx";
import { Skeleton } from "./ui/skeleton.tsx";
import { Welcome } from "./ui/welcome.tsx";
import { viewFor, viewsOf } from "./views.ts";

export function App() {
  const now = session.value;
  const person = now.kind === "in" || now.kind === "expired" ? now.person : undefined;
  return (
    <>
      <a
        class="skip"
        href="#isi"
        onClick={(event) => {
          event.preventDefault();
          document.getElementById("isi")?.focus();
        }}
      >
        {t("app.skip")}
      </a>
      <Header person={person} />
      <div role="status" class="banners">
        {!online.value && (
          <p class="banner">
            <Cloud /> {t("app.offline")}
          </p>
        )}
      </div>
      {now.kind === "expired" && (
        <div role="alert" class="banner banner-wrong">
          <p>{t("app.expired")}</p>
          <button type="button" class="button" onClick={() => void beginSignIn()}>
            {t("signIn.button")}
          </button>
        </div>
      )}
      <main id="isi" tabIndex={-1}>
        {person ? <Views key={person.subject} person={person} /> : <Welcome session={now} />}
      </main>
    </>
  );
}

function Views({ person }: { person: Person }) {
  const desk = useDesk(person);
  const view = viewFor(person.roles, place.value.path);
  switch (view) {
    case "daftar":
      return desk ? <RegistrationPage desk={desk} /> : <Skeleton rows={8} />;
    case "pendaftaran":
      return <LookPage id={place.value.path === "pendaftaran" ? place.value.id : undefined} />;
    case "audit":
      return <AuditPage />;
    case "keutuhan":
      return <ChainPage />;
    case undefined:
      return <p class="notice">{t("app.noRole")}</p>;
    default:
      return <AdminPage path={view} />;
  }
}

/** Of those who register; the queue goes on being sent whichever view is open. */
function useDesk(person: Person): Desk | undefined {
  const [desk, setDesk] = useState<Desk>();
  useEffect(() => {
    const registers = viewsOf(person.roles).some(({ path }) => path === "daftar");
    if (registers) void Desk.open(person).then(setDesk);
  }, [person.subject]);
  useEffect(() => () => desk?.stop(), [desk]);
  useEffect(() => {
    if (online.value && session.value.kind === "in") void desk?.send();
  }, [desk, online.value, session.value.kind]);
  return desk;
}

import { useEffect } from "preact/hooks";
import { beginSignIn, type Session } from "../session/session.ts";
import { t } from "../texts/texts.ts";

export function Welcome({ session }: { session: Session }) {
  const trouble = session.kind === "out" ? session.trouble : undefined;
  useEffect(() => {
    document.title = t("app.name");
  });
  return (
    <div class="welcome">
      <h1>{t("signIn.title")}</h1>
      <p class="lead">{t("signIn.lead")}</p>
      {trouble !== undefined && <p class="notice notice-wrong" role="alert">{t(`signIn.${trouble}`)}</p>}
      {session.kind === "opening"
        ? <p class="lead" role="status">{t("signIn.opening")}</p>
        : (
          <p class="actions">
            <button type="button" class="button button-large" onClick={() => void beginSignIn()}>
              {t("signIn.button")}
            </button>
            <a class="quiet-link" href="/docs">{t("app.docs")}</a>
          </p>
        )}
    </div>
  );
}

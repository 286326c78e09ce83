import { useEffect, useState } from "preact/hooks";
import type { Failure } from "../api/client.ts";
import { beginSignIn } from "../session/session.ts";
import { problemTitle, sentence } from "../texts/sentences.ts";
import { language, t } from "../texts/texts.ts";
import { Attention } from "./icons.tsx";

/** What went wrong, what to do about it, and by which number the administrator finds it. */
export function FailureNotice({ failure, again }: FailureNoticeProps) {
  const wait = useCountdown(failure);
  const { title, detail, trace } = words(failure);
  return (
    <div class="notice notice-wrong" role="alert">
      <p class="notice-title">
        <Attention /> {title}
      </p>
      {detail !== undefined && <p>{detail}</p>}
      {wait > 0 && <p class="countdown" aria-live="off">{t("problem.wait", { count: wait })}</p>}
      {trace !== undefined && (
        <p class="trace">
          {t("problem.trace", { trace: "" })}
          <code>{trace}</code>
        </p>
      )}
      {failure.kind === "expired"
        ? (
          <button type="button" class="button" onClick={() => void beginSignIn()}>
            {t("signIn.button")}
          </button>
        )
        : again && (
          <button type="button" class="button" disabled={wait > 0} onClick={again}>
            {t("problem.again")}
          </button>
        )}
    </div>
  );
}

interface FailureNoticeProps {
  readonly failure: Failure;
  /** Tries again what failed. */
  readonly again?: (() => void) | undefined;
}

function words(failure: Failure): { title: string; detail?: string; trace?: string } {
  switch (failure.kind) {
    case "offline":
      return { title: t("problem.offline"), detail: t("problem.offline.detail") };
    case "expired":
      return { title: t("problem.expired") };
    case "unreadable":
      return { title: t("problem.unreadable"), detail: `HTTP ${failure.status}` };
    case "problem": {
      const { code, title, detail, traceId, status } = failure.problem;
      // The countdown says it, and goes on saying what is true.
      const told = status === 429 || (language.value === "en" && sentence(detail) === detail);
      return { title: problemTitle(code, title), trace: traceId, ...(!told && { detail: sentence(detail) }) };
    }
  }
}

/** Seconds until it makes sense to try again. */
function useCountdown(failure: Failure): number {
  const asked = failure.kind === "problem" ? failure.retryAfterSeconds ?? 0 : 0;
  const [left, setLeft] = useState(asked);
  useEffect(() => {
    const end = Date.now() + asked * 1_000;
    setLeft(asked);
    const timer = setInterval(() => {
      const seconds = Math.max(0, Math.ceil((end - Date.now()) / 1_000));
      setLeft(seconds);
      if (seconds === 0) clearInterval(timer);
    }, 250);
    return () => clearInterval(timer);
  }, [failure]);
  return left;
}

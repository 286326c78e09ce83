import { useEffect, useRef, useState } from "preact/hooks";
import type { ChainState } from "../../../shared/http/schemas/audit_chain.ts";
import { ask, type Failure } from "../api/client.ts";
import { t } from "../texts/texts.ts";
import { FailureNotice } from "../ui/failure_notice.tsx";
import { Page } from "../ui/page.tsx";
import { Skeleton } from "../ui/skeleton.tsx";
import { ChainResult, Findings } from "./chain_result.tsx";

/** Whether the audit is whole, as it was last verified, and the way to verify it now. */
export function ChainPage() {
  const [state, setState] = useState<ChainState>();
  const [failure, setFailure] = useState<Failure>();
  const [running, setRunning] = useState(false);
  const stop = useRef(new AbortController());

  const look = async () => {
    setFailure(undefined);
    const answer = await ask<ChainState>(PATH, { signal: stop.current.signal });
    if (answer.kind === "ok") setState(answer.body);
    else if (!stop.current.signal.aborted) setFailure(answer);
  };
  /** Part after part, until the last line, or until somebody has enough. */
  const verify = async (fromStart: boolean) => {
    const { signal } = stop.current = new AbortController();
    setFailure(undefined);
    setRunning(true);
    for (let first = true;; first = false) {
      const answer = await ask<ChainState>(PATH, {
        method: "POST",
        body: { fromStart: fromStart && first },
        signal,
      });
      if (signal.aborted) break;
      if (answer.kind !== "ok") {
        setFailure(answer);
        break;
      }
      setState(answer.body);
      if (answer.body.latest?.complete) break;
    }
    setRunning(false);
  };
  useEffect(() => {
    void look();
    return () => stop.current.abort();
  }, []);

  const absent = failure?.kind === "problem" && failure.problem.code === "NOT_FOUND";
  return (
    <Page title={t("chain.title")} lead={t("chain.lead")}>
      {absent && <p class="notice">{t("chain.absent")}</p>}
      {failure && !absent && <FailureNotice failure={failure} again={() => void look()} />}
      {!state && !failure && (
        <div class="card">
          <Skeleton rows={5} />
        </div>
      )}
      {state && (
        <>
          <section class="card" aria-labelledby="chain-result">
            <h2 id="chain-result">{t("chain.last")}</h2>
            <ChainResult latest={state.latest} running={running} />
            <p class="actions">
              {running
                ? (
                  <button type="button" class="button button-plain" onClick={() => stop.current.abort()}>
                    {t("chain.stop")}
                  </button>
                )
                : (
                  <button type="button" class="button" onClick={() => void verify(false)}>
                    {state.latest && !state.latest.complete ? t("chain.continue") : t("chain.verify")}
                  </button>
                )}
              {!running && state.latest && (
                <button
                  type="button"
                  class="button button-plain"
                  onClick={() => void verify(true)}
                >
                  {t("chain.fromStart")}
                </button>
              )}
            </p>
            <p class="note">{t("chain.bounds")}</p>
          </section>
          {state.latest && state.latest.findings.length > 0 && <Findings findings={state.latest.findings} />}
        </>
      )}
    </Page>
  );
}

const PATH = "/audit/chain";

import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { t } from "../texts/texts.ts";

/** Asks before something that others will notice. Closing it in any other way than by its button means no. */
export function Confirm({ title, yes, onYes, onNo, children }: ConfirmProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const onClose = () => dialog.current?.returnValue === "yes" ? onYes() : onNo();
  return (
    <dialog ref={dialog} class="dialog" aria-labelledby="dialog-title" onClose={onClose}>
      <form method="dialog">
        <h2 id="dialog-title">{title}</h2>
        {children}
        <div class="actions">
          <button type="submit" class="button" value="yes">{yes}</button>
          <button type="submit" class="button button-plain" value="no">{t("confirm.no")}</button>
        </div>
      </form>
    </dialog>
  );
}

interface ConfirmProps {
  readonly title: string;
  /** What the button does, in words. */
  readonly yes: string;
  readonly onYes: () => void;
  readonly onNo: () => void;
  readonly children: ComponentChildren;
}

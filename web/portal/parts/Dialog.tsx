import { type ReactNode, useEffect, useId, useRef } from "react";
import { useLanguage } from "../language.tsx";

export interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  /** False when there is nothing behind to go back to. */
  readonly canClose?: boolean;
  readonly className?: string;
  readonly testId?: string;
  readonly children: ReactNode;
}

/** A modal dialog of the browser's own kind: focus stays inside, Escape closes, focus returns. */
export function Dialog({ title, onClose, canClose = true, className, testId, children }: DialogProps) {
  const { t } = useLanguage();
  const element = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => {
    const dialog = element.current;
    if (dialog && !dialog.open) dialog.showModal();
    return () => dialog?.close();
  }, []);
  return (
    <dialog
      ref={element}
      className={`dialog ${className ?? ""}`}
      aria-labelledby={titleId}
      data-testid={testId}
      onCancel={(event) => {
        event.preventDefault();
        if (canClose) onClose();
      }}
    >
      <div className="dialog-head">
        <h2 id={titleId}>{title}</h2>
        {canClose ? (
          <button type="button" className="icon-button" onClick={onClose} aria-label={t("dialog.close")}>
            <svg viewBox="0 0 20 20" aria-hidden="true">
              <path d="M5 5l10 10M15 5L5 15" />
            </svg>
          </button>
        ) : null}
      </div>
      {children}
    </dialog>
  );
}

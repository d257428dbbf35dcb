import { useState } from "react";
import { useLanguage } from "../language.tsx";
import { Dialog } from "./Dialog.tsx";

export interface ShownOnceProps {
  readonly title: string;
  readonly lead: string;
  readonly secrets: readonly string[];
  readonly onClose: () => void;
  readonly testId: string;
}

/** Secrets that are shown this once: to be copied or printed. Closed by saying so, not by a slip of the Escape key. */
export function ShownOnce({ title, lead, secrets, onClose, testId }: ShownOnceProps) {
  const { t } = useLanguage();
  const [isCopied, setIsCopied] = useState(false);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(secrets.join("\n"));
      setIsCopied(true);
    } catch {
      // Refused clipboards leave the text to be selected by hand.
      setIsCopied(false);
    }
  };
  return (
    <Dialog title={title} onClose={onClose} canClose={false} className="print-sheet" testId={testId}>
      <p>{lead}</p>
      <ol className="secrets">
        {secrets.map((secret) => (
          <li key={secret}>
            <code>{secret}</code>
          </li>
        ))}
      </ol>
      <output className="muted">{isCopied ? t("once.copied") : ""}</output>
      <div className="actions dialog-actions">
        <div className="actions">
          <button type="button" className="button" onClick={() => void copy()} data-testid="once-copy">
            {t("once.copy")}
          </button>
          <button type="button" className="button" onClick={() => window.print()}>
            {t("once.print")}
          </button>
        </div>
        <button type="button" className="button button-primary" onClick={onClose} data-testid="once-done">
          {t("once.done")}
        </button>
      </div>
    </Dialog>
  );
}

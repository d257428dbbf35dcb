import { Component, type ReactNode } from "react";
import { type Catalogue, createTranslate } from "../messages/translate.ts";

interface CrashNoteProps {
  readonly catalogue: Catalogue;
  readonly children: ReactNode;
}

interface CrashNoteState {
  readonly hasCrashed: boolean;
}

/** When a page breaks, the person reads a sentence and can load it anew, instead of a blank screen. */
export class CrashNote extends Component<CrashNoteProps, CrashNoteState> {
  override state: CrashNoteState = { hasCrashed: false };

  static getDerivedStateFromError(): CrashNoteState {
    return { hasCrashed: true };
  }

  override render(): ReactNode {
    if (!this.state.hasCrashed) return this.props.children;
    const t = createTranslate(this.props.catalogue);
    return (
      <main className="plain">
        <div className="note note-error" role="alert">
          <p>{t("error.page")}</p>
          <button type="button" className="button" onClick={() => location.reload()}>
            {t("error.reload")}
          </button>
        </div>
      </main>
    );
  }
}

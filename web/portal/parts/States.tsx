import { type ReactNode, useEffect, useState } from "react";
import type { ApiError } from "#web/client/errors.ts";
import type { Resource } from "../data.tsx";
import { useLanguage } from "../language.tsx";
import type { MessageKey } from "../messages/translate.ts";

/** The plain words for an error. */
export function errorMessage(error: ApiError): MessageKey {
  if (error.kind === "network") return "error.offline";
  if (error.status === 429) return "error.tooMany";
  if (error.status === 403) return "error.forbidden";
  if (error.status === 404) return "error.notFound";
  if (error.code.startsWith("provider_") || error.code === "reauthorization_required") return "error.provider";
  if (error.status === 409 || error.status === 412) return "error.conflict";
  return error.status >= 400 && error.status < 500 ? "error.invalid" : "error.server";
}

export interface ErrorNoteProps {
  readonly error: ApiError;
  readonly onRetry?: () => void;
}

/** What went wrong in plain words, its code for support, and a way to try again. */
export function ErrorNote({ error, onRetry }: ErrorNoteProps) {
  const { t, f } = useLanguage();
  const waitS = useCountdown(error);
  return (
    <div className="note note-error" role="alert">
      <p>{t(errorMessage(error))}</p>
      <p className="note-code">
        {error.traceId ? t("error.codeWithTrace", { code: error.code, trace: error.traceId }) : t("error.code", { code: error.code })}
      </p>
      {onRetry ? (
        <button type="button" className="button" onClick={onRetry} disabled={waitS > 0}>
          {waitS > 0 ? t("error.retryIn", { seconds: f.number(waitS) }) : t("error.retry")}
        </button>
      ) : null}
    </div>
  );
}

/** Seconds left until an error may be retried; starts anew with every error. */
function useCountdown(error: ApiError): number {
  const [state, setState] = useState({ error, leftS: error.retryAfterS ?? 0 });
  if (state.error !== error) setState({ error, leftS: error.retryAfterS ?? 0 });
  const isWaiting = state.leftS > 0;
  useEffect(() => {
    if (!isWaiting) return undefined;
    const timer = setInterval(() => setState((now) => ({ ...now, leftS: Math.max(now.leftS - 1, 0) })), 1_000);
    return () => clearInterval(timer);
  }, [isWaiting]);
  return state.leftS;
}

const SLOW_AFTER_MS = 10_000;

/** Grey shapes of what is to come; after ten seconds a sentence. */
export function Skeleton({ height, lines = 0 }: { readonly height?: number; readonly lines?: number }) {
  const { t } = useLanguage();
  const [isSlow, setIsSlow] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setIsSlow(true), SLOW_AFTER_MS);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div className="skeleton" data-testid="skeleton">
      <span className="visually-hidden">{t("app.loading")}</span>
      {height === undefined ? null : <div className="skeleton-block" style={{ height }} />}
      {Array.from({ length: lines }, (_, line) => (
        <div key={line} className="skeleton-line" style={{ width: `${85 - line * 20}%` }} />
      ))}
      {isSlow ? <p className="muted">{t("loading.slow")}</p> : null}
    </div>
  );
}

export interface EmptyProps {
  readonly text: string;
  readonly action?: ReactNode;
}

/** Why there is nothing, and the one thing to do about it. */
export function Empty({ text, action }: EmptyProps) {
  return (
    <div className="empty" data-testid="empty">
      <p>{text}</p>
      {action}
    </div>
  );
}

export interface WhenLoadedProps<T> {
  readonly resource: Resource<T>;
  readonly skeleton: ReactNode;
  /** Names what could not be loaded, as a card of its own. */
  readonly title?: string;
  readonly children: (data: T) => ReactNode;
}

/** Skeleton, error or data; old data stay, with a word, when an update failed. */
export function WhenLoaded<T>({ resource, skeleton, title, children }: WhenLoadedProps<T>) {
  const { t } = useLanguage();
  const { data, error, isLoading, refetch } = resource;
  if (data === undefined) {
    if (!error || isLoading) return skeleton;
    const note = <ErrorNote error={error} onRetry={refetch} />;
    if (title === undefined) return note;
    return (
      <section className="card" aria-label={title}>
        <h2>{title}</h2>
        {note}
      </section>
    );
  }
  return (
    <>
      {error ? (
        <p className="note note-old">
          {t("error.old")}{" "}
          <button type="button" className="link-button" onClick={refetch}>
            {t("error.retry")}
          </button>
        </p>
      ) : null}
      {children(data)}
    </>
  );
}

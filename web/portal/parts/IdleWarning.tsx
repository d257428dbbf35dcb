import { useEffect, useState } from "react";
import { toApiError } from "#web/client/errors.ts";
import { idleMsOf, type Presence } from "#web/client/presence.ts";
import type { Session } from "#web/client/types.ts";
import { useData, useNow } from "../data.tsx";
import { useLanguage } from "../language.tsx";
import { Dialog } from "./Dialog.tsx";

const WARN_MS = 2 * 60_000;
const LOOK_EVERY_MS = 1_000;
/** Whoever reads and scrolls asks nothing of the server; so often it hears of them all the same. */
const TELL_EVERY_MS = 5 * 60_000;

export type Ending =
  | { readonly kind: "far" }
  /** The person is there, only the server has not heard of them for a while. */
  | { readonly kind: "unheard" }
  | { readonly kind: "near"; readonly leftMs: number; readonly canStay: boolean }
  | { readonly kind: "over" };

export interface EndingFacts {
  readonly nowMs: number;
  /** When the server last heard of the person. */
  readonly askedMs: number;
  readonly idleMs: number;
  /** The session's last, which nothing puts off. */
  readonly lastEndMs: number;
  /** A key or a touch, a moment ago. */
  readonly isHere: boolean;
}

/** How near the end of a session is. Times in epoch milliseconds. */
export function endingOf({ nowMs, askedMs, idleMs, lastEndMs, isHere }: EndingFacts): Ending {
  const idleEndMs = askedMs + idleMs;
  const leftMs = Math.min(idleEndMs, lastEndMs) - nowMs;
  const canStay = idleEndMs < lastEndMs;
  if (leftMs <= 0) return { kind: "over" };
  if (canStay && isHere && nowMs - askedMs > TELL_EVERY_MS) return { kind: "unheard" };
  return leftMs > WARN_MS ? { kind: "far" } : { kind: "near", leftMs, canStay };
}

export interface IdleWarningProps {
  readonly session: Session;
  readonly presence: Presence;
  readonly onEnded: () => void;
}

/** Says that the session is about to end for want of a sign of its person, and lets them stay (WCAG 2.2.1). */
export function IdleWarning({ session, presence, onEnded }: IdleWarningProps) {
  const { t, f } = useLanguage();
  const { api } = useData();
  const nowMs = useNow(LOOK_EVERY_MS);
  const [isAsking, setIsAsking] = useState(false);
  const ending = endingOf({
    nowMs, askedMs: presence.askedMs, idleMs: idleMsOf(session.roles), lastEndMs: Date.parse(session.expiresAt), isHere: !presence.isAway(),
  });
  const { kind } = ending;
  const stay = (): void => {
    setIsAsking(true);
    api.session()
      .catch((thrown: unknown) => (toApiError(thrown).status === 401 ? onEnded() : undefined))
      .finally(() => setIsAsking(false));
  };
  useEffect(() => {
    if (kind === "unheard") stay();
    if (kind === "over") onEnded();
    // Once for each change of the kind; `stay` and `onEnded` are made anew with every second.
    // eslint-disable-next-line react/exhaustive-deps
  }, [kind]);
  if (ending.kind !== "near") return null;
  return (
    <Dialog title={t("idle.title")} onClose={stay} canClose={ending.canStay} testId="idle-warning">
      <p>{t(ending.canStay ? "idle.lead" : "idle.last", { left: f.duration(Math.max(ending.leftMs / 1_000, 1)) })}</p>
      {ending.canStay ? (
        <div className="actions actions-end">
          <button type="button" className="button button-primary" disabled={isAsking} onClick={stay} data-testid="idle-stay">
            {t("idle.stay")}
          </button>
        </div>
      ) : null}
    </Dialog>
  );
}

/** Whether a sentence speaks to the person themselves or of them. */
import { useWho } from "./data.tsx";
import { useLanguage } from "./language.tsx";
import type { MessageKey, MessageValues } from "./messages/translate.ts";

/** `own` on one's own pages, `other` on those of somebody else, whose `{name}` is filled in. */
export function useWhose(): (own: MessageKey, other: MessageKey, values?: MessageValues) => string {
  const { t } = useLanguage();
  const { patient } = useWho();
  return (own, other, values = {}) => (patient.isSelf ? t(own, values) : t(other, { ...values, name: patient.displayName }));
}

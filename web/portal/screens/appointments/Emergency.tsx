import type { CurrentAppointment } from "#web/client/appointments.ts";
import { useLanguage } from "../../language.tsx";
import { useWhose } from "../../whose.ts";

/** The clinic's words for an emergency. @param isNow the person says that it may be one; else before anybody asks */
export function Emergency({ words, isNow = false }: { readonly words: CurrentAppointment["emergency"]; readonly isNow?: boolean }) {
  const { t } = useLanguage();
  const whose = useWhose();
  return (
    <div className={isNow ? "note note-error" : "note"} role={isNow ? "alert" : "note"} data-testid={isNow ? "emergency-now" : "emergency"}>
      <p><strong>{t("appointments.emergencyTitle")}</strong></p>
      <p>{isNow ? whose("appointments.emergencyNow", "appointments.emergencyNowOf") : whose("appointments.emergencyBefore", "appointments.emergencyBeforeOf")}</p>
      <p>{words.text}</p>
      {words.phone === null ? null : (
        <p>
          <a className="button button-primary" href={`tel:${words.phone.replace(/[^\d+]/g, "")}`}>{t("appointments.call", { phone: words.phone })}</a>
        </p>
      )}
    </div>
  );
}

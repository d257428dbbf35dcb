/** Said wherever glucose is shown (requirement E10): in a header, in the reply and in the documents. */
export const GLUCOSE_NOTICE =
  "Informational only: not for diagnosis, dosing or treatment decisions. Data may be delayed or wrong; trust your device and your care team.";

export const NOTICE_HEADER = "x-islet-notice";

import type { ReactNode } from "react";
import { en } from "../messages/appointments/en.ts";
import { es } from "../messages/appointments/es.ts";
import { MoreWords } from "./MoreWords.tsx";

/** Gives what is inside the words of the page about appointments, too. */
export function AppointmentWords({ children }: { readonly children: ReactNode }) {
  return <MoreWords en={en} es={es}>{children}</MoreWords>;
}

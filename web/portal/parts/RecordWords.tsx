import type { ReactNode } from "react";
import { en } from "../messages/record/en.ts";
import { es } from "../messages/record/es.ts";
import { MoreWords } from "./MoreWords.tsx";

/** Gives what is inside the words of the page about the health record, too. */
export function RecordWords({ children }: { readonly children: ReactNode }) {
  return <MoreWords en={en} es={es}>{children}</MoreWords>;
}

import type { ReactNode } from "react";
import { en } from "../messages/readings/en.ts";
import { es } from "../messages/readings/es.ts";
import { MoreWords } from "./MoreWords.tsx";

/** Gives what is inside the words of the page and the dialog about readings, too. */
export function ReadingWords({ children }: { readonly children: ReactNode }) {
  return <MoreWords en={en} es={es}>{children}</MoreWords>;
}

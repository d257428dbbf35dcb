import type { ReactNode } from "react";
import { en } from "../messages/people/en.ts";
import { es } from "../messages/people/es.ts";
import { MoreWords } from "./MoreWords.tsx";

/** Gives what is inside the words of the pages about people, too; they are fetched with the first of these pages. */
export function PeopleWords({ children }: { readonly children: ReactNode }) {
  return <MoreWords en={en} es={es}>{children}</MoreWords>;
}

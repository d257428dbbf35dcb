/** The portal's words and figures on a page of the office: bands, arrows, stages, sports and states have one name in all of Islet. */
import { type ReactNode, useEffect, useState } from "react";
import { useLocale } from "../messages/words.ts";
import { LanguageProvider } from "#web/portal/language.tsx";
import { type Catalogue, loadCatalogue } from "#web/portal/messages/translate.ts";
import { useStaff } from "../session/staff.ts";

/** Shows its children once the words of the language are there; they come with the office's sign-in and are rarely waited for. */
export function NamesProvider({ zone, children }: { readonly zone: string; readonly children: ReactNode }) {
  const locale = useLocale();
  const { unit } = useStaff();
  const [catalogue, setCatalogue] = useState<Catalogue | null>(null);
  useEffect(() => {
    let isWanted = true;
    void loadCatalogue(locale).then((loaded) => {
      if (isWanted) setCatalogue(loaded);
    });
    return () => {
      isWanted = false;
    };
  }, [locale]);
  return catalogue ? <LanguageProvider catalogue={catalogue} unit={unit} zone={zone}>{children}</LanguageProvider> : null;
}

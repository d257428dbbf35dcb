/** The frame of the office: react-admin's contexts with our words, looks and areas; of its lists, forms and sign-in nothing is taken, so that nothing of them is fetched. */
import { Suspense, use, useMemo, useState } from "react";
import polyglotI18nProvider from "ra-i18n-polyglot";
import type { I18nProvider } from "ra-core";
import CssBaseline from "@mui/material/CssBaseline";
import { AdminContext, Notification } from "react-admin";
import { BrowserRouter, Route, Routes } from "react-router-dom";
import type { Locale } from "#web/client/types.ts";
import { AREAS } from "./areas.tsx";
import { Layout } from "./Layout.tsx";
import { type Catalogue, loadWords } from "./messages/catalogue.ts";
import { NotFound } from "./parts/NotFound.tsx";
import { createAuthProvider } from "./session/auth-provider.ts";
import { type Staff, useStaff } from "./session/staff.ts";
import { createOfficeStore } from "./store.ts";
import { darkTheme, lightTheme } from "./theme.ts";

/** The language is the person's, on every device; that of the beginning has been fetched. */
function createI18nProvider(locale: Locale, first: Catalogue, save: Staff["savePreferences"]): I18nProvider {
  const provider = polyglotI18nProvider((wanted) => (wanted === locale ? first : loadWords(wanted as Locale)), locale, [{ locale: "en", name: "English" }, { locale: "es", name: "Español" }]);
  return {
    ...provider,
    changeLocale: async (chosen: string) => {
      await provider.changeLocale(chosen);
      await save({ locale: chosen as Locale });
    },
  };
}

export function Frame() {
  const { session, savePreferences, signOut } = useStaff();
  const { userId, displayName, roles, preferences } = session;
  const [store] = useState(() => createOfficeStore());
  const words = use(loadWords(preferences.locale));
  const [i18nProvider] = useState(() => createI18nProvider(preferences.locale, words, savePreferences));
  const authProvider = useMemo(() => createAuthProvider({ userId, displayName, roles, signOut }), [userId, displayName, roles, signOut]);
  return (
    <BrowserRouter basename="/office">
      <AdminContext {...{ authProvider, i18nProvider, store }} theme={lightTheme} darkTheme={darkTheme}>
        <CssBaseline enableColorScheme />
        <Layout>
          <Routes>
            {AREAS.filter((area) => area.roles.some((role) => roles.includes(role))).map(({ path, page: Page }) => (
              <Route key={path} path={path === "" ? "/" : `/${path}/*`} element={<Suspense fallback={null}><Page /></Suspense>} />
            ))}
            <Route path="*" element={<NotFound />} />
          </Routes>
        </Layout>
        <Notification />
      </AdminContext>
    </BrowserRouter>
  );
}

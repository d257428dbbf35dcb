/** The frame of the office: react-admin's contexts with our words, looks and areas; of its lists, forms and sign-in nothing is taken, so that nothing of them is fetched. */
import { Suspense, use, useMemo, useState } from "react";
import CssBaseline from "@mui/material/CssBaseline";
import { AdminContext, Notification } from "react-admin";
import { BrowserRouter, Route, Routes } from "react-router-dom";
import { AREAS } from "./areas.tsx";
import { Layout } from "./Layout.tsx";
import { loadWords } from "./messages/catalogue.ts";
import { createI18n } from "./messages/i18n.ts";
import { NotFound } from "./parts/NotFound.tsx";
import { createAuthProvider } from "./session/auth-provider.ts";
import { useStaff } from "./session/staff.ts";
import { createOfficeStore } from "./store.ts";
import { darkTheme, lightTheme } from "./theme.ts";

export function Frame() {
  const { session, savePreferences, signOut } = useStaff();
  const { userId, displayName, roles, preferences } = session;
  const [store] = useState(() => createOfficeStore());
  const words = use(loadWords(preferences.locale));
  // The language is the person's, on every device.
  const [i18nProvider] = useState(() => createI18n({ locale: preferences.locale, words, load: loadWords, save: (locale) => savePreferences({ locale }) }));
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

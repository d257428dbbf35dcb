/** react-admin with our data, words, looks and areas. */
import { type ReactNode, Suspense, use, useMemo, useState } from "react";
import polyglotI18nProvider from "ra-i18n-polyglot";
import { CustomRoutes, type I18nProvider } from "ra-core";
import { Admin } from "react-admin";
import { BrowserRouter, Route } from "react-router-dom";
import type { Locale } from "#web/client/types.ts";
import { AREAS } from "./areas.tsx";
import { createDataProvider } from "./data/data-provider.ts";
import { RESOURCES } from "./data/resources.ts";
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
  const { client, session, savePreferences, signOut } = useStaff();
  const { userId, displayName, roles, preferences } = session;
  const [store] = useState(() => createOfficeStore());
  const words = use(loadWords(preferences.locale));
  const [i18nProvider] = useState(() => createI18nProvider(preferences.locale, words, savePreferences));
  const dataProvider = useMemo(() => createDataProvider(client, RESOURCES), [client]);
  const authProvider = useMemo(() => createAuthProvider({ userId, displayName, roles, signOut }), [userId, displayName, roles, signOut]);
  return (
    <BrowserRouter basename="/office">
      <Admin {...{ dataProvider, authProvider, i18nProvider, store }} layout={Layout} theme={lightTheme} darkTheme={darkTheme} title="Islet" catchAll={NotFound} disableTelemetry requireAuth={false}>
        <CustomRoutes>{areaRoutes(roles)}</CustomRoutes>
      </Admin>
    </BrowserRouter>
  );
}

function areaRoutes(roles: readonly string[]): ReactNode {
  return AREAS.filter((area) => area.roles.some((role) => roles.includes(role))).map(({ path, page: Page }) => (
    <Route key={path} path={path === "" ? "/" : `/${path}/*`} element={<Suspense fallback={null}><Page /></Suspense>} />
  ));
}

/** react-admin with our data, words, looks and areas. */
import { type ReactNode, Suspense, useMemo, useState } from "react";
import polyglotI18nProvider from "ra-i18n-polyglot";
import english from "ra-language-english";
import { CustomRoutes, type I18nProvider } from "ra-core";
import { Admin } from "react-admin";
import { BrowserRouter, Route } from "react-router-dom";
import type { Locale } from "#web/client/types.ts";
import { AREAS } from "./areas.tsx";
import { createDataProvider } from "./data/data-provider.ts";
import { RESOURCES } from "./data/resources.ts";
import { Layout } from "./Layout.tsx";
import { CATALOGUES } from "./messages/catalogue.ts";
import { spanish } from "./messages/spanish.ts";
import { NotFound } from "./parts/NotFound.tsx";
import { createAuthProvider } from "./session/auth-provider.ts";
import { type Staff, useStaff } from "./session/staff.ts";
import { createOfficeStore } from "./store.ts";
import { darkTheme, lightTheme } from "./theme.ts";

const messagesOf = (locale: string) => (locale === "es" ? { ...spanish, ...CATALOGUES.es } : { ...english, ...CATALOGUES.en });

/** The language is the person's, on every device. */
function createI18nProvider(locale: Locale, save: Staff["savePreferences"]): I18nProvider {
  const provider = polyglotI18nProvider(messagesOf, locale, [{ locale: "en", name: "English" }, { locale: "es", name: "Español" }]);
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
  const [i18nProvider] = useState(() => createI18nProvider(preferences.locale, savePreferences));
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

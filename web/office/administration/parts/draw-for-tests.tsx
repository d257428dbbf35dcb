/** For the tests of screens: a screen as text without its styles, with the answers that it would have had from the server. Effects do not run, and nothing is asked. */
import type { ReactNode } from "react";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { I18nContext, type I18nProvider } from "ra-core";
import { renderToStaticMarkup } from "react-dom/server";
import { MemoryRouter } from "react-router-dom";
import { ApiError } from "#web/client/errors.ts";
import type { Asked, OperationName, Reply } from "#web/client/operation-client.ts";
import type { Locale } from "#web/client/types.ts";
import { type Catalogue, loadWords } from "../../messages/catalogue.ts";
import { createI18n } from "../../messages/i18n.ts";
import { type Staff, StaffProvider } from "../../session/staff.ts";

const CATALOGUES: Readonly<Record<Locale, Catalogue>> = { en: await loadWords("en"), es: await loadWords("es") };

export interface DrawOptions {
  readonly locale?: Locale;
  readonly userId?: string;
  readonly roles?: readonly ("clinician" | "admin")[];
  /** Below /office. */
  readonly path?: string;
}

export class Screen {
  readonly #queries = new QueryClient({ defaultOptions: { queries: { retryOnMount: false } } });

  /** What the server answers. */
  answer<Name extends OperationName>(name: Name, asked: Omit<Asked<Name>, "signal">, reply: Reply<Name>): this {
    this.#queries.setQueryData([name, asked], reply);
    return this;
  }

  /** The first page of a list that grows. */
  page<Name extends OperationName>(name: Name, asked: Omit<Asked<Name>, "signal">, reply: Reply<Name>): this {
    this.#queries.setQueryData([name, asked], { pages: [reply], pageParams: [null] });
    return this;
  }

  /** What the server refuses. */
  refuse(name: OperationName, asked: object, status: number, code: string): this {
    const error = new ApiError({ kind: "problem", status, code });
    this.#queries.getQueryCache().build<unknown, ApiError>(this.#queries, { queryKey: [name, asked] }).setState({ status: "error", error, fetchStatus: "idle" });
    return this;
  }

  draw(page: ReactNode, { locale = "en", userId = "me", roles = ["admin"], path = "/" }: DrawOptions = {}): string {
    const session = { userId, roles, preferences: { zone: "Europe/Madrid", locale }, organization: {} };
    const staff = { client: null, session, unit: "mg/dL", isAdmin: roles.includes("admin"), isClinician: roles.includes("clinician") } as unknown as Staff;
    const i18n: I18nProvider = createI18n({ locale, words: CATALOGUES[locale], load: loadWords, save: () => Promise.resolve() });
    const html = renderToStaticMarkup(
      <QueryClientProvider client={this.#queries}>
        <I18nContext.Provider value={i18n}>
          <StaffProvider value={staff}><MemoryRouter initialEntries={[path]}>{page}</MemoryRouter></StaffProvider>
        </I18nContext.Provider>
      </QueryClientProvider>,
    );
    return html.replaceAll(/<style[\s\S]*?<\/style>/g, "");
  }
}

/** The buttons in it, by what they are called. */
export function buttonsIn(html: string): string[] {
  return [...html.matchAll(/<(?:button|a)\b([^>]*)>(.*?)<\/(?:button|a)>/gs)].map(([, attributes, inner]) => /aria-label="([^"]*)"/.exec(attributes!)?.[1] ?? inner!.replaceAll(/<[^>]*>/g, ""));
}

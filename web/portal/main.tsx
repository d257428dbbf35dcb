import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { createApi } from "#web/client/api.ts";
import { ResourceCache } from "#web/client/cache.ts";
import { Requester } from "#web/client/request.ts";
import { App, UNAUTHENTICATED } from "./App.tsx";
import { DataProvider } from "./data.tsx";
import { applyTheme, recall, recallTheme } from "./device-memory.ts";
import { guessLocale } from "./language.tsx";
import { loadCatalogue } from "./messages/translate.ts";
import { CrashNote } from "./parts/CrashNote.tsx";
import "./styles/base.css";
import "./styles/layout.css";
import "./styles/parts.css";
import "./styles/charts.css";

applyTheme(recallTheme());

const requester = new Requester({
  fetch: (input, init) => fetch(input, init),
  onUnauthenticated: () => window.dispatchEvent(new Event(UNAUTHENTICATED)),
});
const source = { api: createApi(requester), cache: new ResourceCache(() => Date.now()) };

/** Draws the portal in the language that this browser last used. */
async function start(root: HTMLElement): Promise<void> {
  const catalogue = await loadCatalogue(guessLocale(recall("locale"), navigator.languages));
  createRoot(root).render(
    <StrictMode>
      <CrashNote catalogue={catalogue}>
        <DataProvider value={source}>
          <App catalogue={catalogue} />
        </DataProvider>
      </CrashNote>
    </StrictMode>,
  );
}

const root = document.getElementById("root");
if (root) void start(root);

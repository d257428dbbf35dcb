import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import createCache from "@emotion/cache";
import { CacheProvider } from "@emotion/react";
import { createApi } from "#web/client/api.ts";
import { createClient } from "#web/client/operation-client.ts";
import { Presence } from "#web/client/presence.ts";
import { Requester } from "#web/client/request.ts";
import { recall } from "#web/portal/device-memory.ts";
import { guessLocale } from "#web/portal/language.tsx";
import { loadCatalogue } from "#web/portal/messages/translate.ts";
import { CrashNote } from "#web/portal/parts/CrashNote.tsx";
import { Office, UNAUTHENTICATED } from "./Office.tsx";
import "#web/portal/styles/base.css";
import "#web/portal/styles/layout.css";
import "#web/portal/styles/parts.css";
import "#web/portal/styles/people.css";
import "#web/portal/styles/charts.css";
import "./office.css";

const presence = new Presence(() => Date.now());
for (const sign of ["pointerdown", "keydown", "wheel", "touchmove"]) window.addEventListener(sign, () => presence.noteInput(), { capture: true, passive: true });
const requester = new Requester({
  presence,
  fetch: (input, init) => fetch(input, init),
  onUnauthenticated: () => window.dispatchEvent(new Event(UNAUTHENTICATED)),
});
const api = createApi(requester);
const client = createClient(requester);

/** The server writes it into the page, and into the policy of the same answer. */
const nonce = document.querySelector<HTMLMetaElement>("meta[name=style-nonce]")?.content ?? "";
const cache = createCache({ key: "islet", nonce, prepend: false });

async function start(root: HTMLElement): Promise<void> {
  const catalogue = await loadCatalogue(guessLocale(recall("locale"), navigator.languages));
  createRoot(root).render(
    <StrictMode>
      <CacheProvider value={cache}>
        <CrashNote catalogue={catalogue}>
          <Office api={api} client={client} presence={presence} catalogue={catalogue} />
        </CrashNote>
      </CacheProvider>
    </StrictMode>,
  );
}

const root = document.getElementById("root");
if (root) void start(root);

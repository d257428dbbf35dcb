/** The ground that the portal's components stand on. Signing in, in all its steps, and the warning before a session ends are the portal's own, so that there is one of each. */
import { type MouseEvent, type ReactNode, useState } from "react";
import type { Api } from "#web/client/api.ts";
import { ResourceCache } from "#web/client/cache.ts";
import type { Presence } from "#web/client/presence.ts";
import type { GlucoseUnit } from "#web/client/types.ts";
import { browserZone } from "#web/language/format.ts";
import { DataProvider } from "#web/portal/data.tsx";
import { LanguageProvider } from "#web/portal/language.tsx";
import type { Catalogue } from "#web/portal/messages/translate.ts";

export interface PortalGroundProps {
  readonly api: Api;
  readonly presence: Presence;
  readonly catalogue: Catalogue;
  readonly unit?: GlucoseUnit;
  readonly children: ReactNode;
}

export function PortalGround({ api, presence, catalogue, unit = "mg/dL", children }: PortalGroundProps) {
  const [source] = useState(() => ({ api, cache: new ResourceCache(() => Date.now()), presence }));
  // The portal's links are pages of the portal: followed by the browser, not within the office.
  const leave = (event: MouseEvent): void => {
    if (event.target instanceof Element && event.target.closest("a[href]")) event.stopPropagation();
  };
  return (
    <DataProvider value={source}>
      <LanguageProvider catalogue={catalogue} unit={unit} zone={browserZone()}>
        <div onClickCapture={leave}>{children}</div>
      </LanguageProvider>
    </DataProvider>
  );
}

/** What an organization's admins see to, section by section. */
import { lazy } from "react";
import { Sections, type SectionsProps } from "./parts/Sections.tsx";

const SECTIONS: SectionsProps["sections"] = [
  { path: "staff", label: "staff.title", page: lazy(async () => ({ default: (await import("./staff/Staff.tsx")).Staff })) },
  { path: "accounts", label: "accounts.title", page: lazy(async () => ({ default: (await import("./accounts/Accounts.tsx")).Accounts })) },
  { path: "organization", label: "organization.title", page: lazy(async () => ({ default: (await import("./OrganizationSettings.tsx")).OrganizationSettings })) },
  { path: "keys", label: "keys.title", page: lazy(async () => ({ default: (await import("./Keys.tsx")).Keys })) },
  { path: "webhooks", label: "webhooks.title", page: lazy(async () => ({ default: (await import("./webhooks/Webhooks.tsx")).Webhooks })) },
  { path: "vendors", label: "vendors.title", page: lazy(async () => ({ default: (await import("./Vendors.tsx")).Vendors })) },
  { path: "inbox", label: "inbox.title", page: lazy(async () => ({ default: (await import("./Inbox.tsx")).Inbox })) },
  { path: "audit", label: "audit.title", page: lazy(async () => ({ default: (await import("./Audit.tsx")).Audit })) },
  { path: "consents", label: "consents.title", page: lazy(async () => ({ default: (await import("./ConsentTexts.tsx")).ConsentTexts })) },
  { path: "retention", label: "retention.title", page: lazy(async () => ({ default: (await import("./Retention.tsx")).Retention })) },
];

export function Administration() {
  return <Sections area="administration" label="shell.administration" sections={SECTIONS} />;
}

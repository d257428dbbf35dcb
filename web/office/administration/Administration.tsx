/** What an organization's admins see to, section by section. */
import { type ComponentType, lazy, Suspense } from "react";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import { Link, Navigate, Route, Routes, useLocation } from "react-router-dom";
import type { MessageKey } from "../messages/catalogue.ts";
import { useWords } from "../messages/words.ts";

interface Section {
  readonly path: string;
  readonly label: MessageKey;
  readonly page: ComponentType;
}

const SECTIONS: readonly Section[] = [
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
  const t = useWords();
  const { pathname } = useLocation();
  const present = pathname.split("/")[2] ?? "";
  return (
    <>
      <Box component="nav" aria-label={t("shell.administration")} sx={{ display: "flex", flexWrap: "wrap", gap: 0.5, mt: 2, pb: 1, borderBottom: 1, borderColor: "divider" }}>
        {SECTIONS.map(({ path, label }) => (
          <Button key={path} component={Link} to={`/administration/${path}`} size="small" variant={path === present ? "contained" : "text"} aria-current={path === present ? "page" : undefined}>
            {t(label)}
          </Button>
        ))}
      </Box>
      <Suspense fallback={null}>
        <Routes>
          {SECTIONS.map(({ path, page: Page }) => <Route key={path} path={`${path}/*`} element={<Page />} />)}
          <Route path="*" element={<Navigate to="/administration/staff" replace />} />
        </Routes>
      </Suspense>
    </>
  );
}

/** An area of several sections: a line of links, and the page of the one that is open. */
import { type ComponentType, Suspense } from "react";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import { Link, Navigate, Route, Routes, useLocation } from "react-router-dom";
import type { MessageKey } from "../../messages/catalogue.ts";
import { useWords } from "../../messages/words.ts";

export interface Section {
  readonly path: string;
  readonly label: MessageKey;
  readonly page: ComponentType;
}

export interface SectionsProps {
  /** Where the area is, below /office. */
  readonly area: string;
  readonly label: MessageKey;
  /** The first of them is open at first. */
  readonly sections: readonly [Section, ...Section[]];
}

export function Sections({ area, label, sections }: SectionsProps) {
  const t = useWords();
  const { pathname } = useLocation();
  const present = pathname.split("/")[2] ?? "";
  return (
    <>
      <Box component="nav" aria-label={t(label)} sx={{ display: "flex", flexWrap: "wrap", gap: 0.5, mt: 2, pb: 1, borderBottom: 1, borderColor: "divider" }}>
        {sections.map(({ path, label: name }) => (
          <Button key={path} component={Link} to={`/${area}/${path}`} size="small" variant={path === present ? "contained" : "text"} aria-current={path === present ? "page" : undefined}>
            {t(name)}
          </Button>
        ))}
      </Box>
      <Suspense fallback={null}>
        <Routes>
          {sections.map(({ path, page: Page }) => <Route key={path} path={`${path}/*`} element={<Page />} />)}
          <Route path="*" element={<Navigate to={`/${area}/${sections[0].path}`} replace />} />
        </Routes>
      </Suspense>
    </>
  );
}

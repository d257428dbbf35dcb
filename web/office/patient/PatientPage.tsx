/** A patient's page: who it is and what is the case now, and below it the tabs. Its address is /patients/<id>/<tab>. */
import { Suspense, useMemo } from "react";
import Box from "@mui/material/Box";
import Skeleton from "@mui/material/Skeleton";
import Tab from "@mui/material/Tab";
import Tabs from "@mui/material/Tabs";
import { Link, Navigate, Route, Routes, useLocation, useParams } from "react-router-dom";
import { useOperation } from "../data/queries.ts";
import { useWords } from "../messages/words.ts";
import { Loaded } from "../parts/Loaded.tsx";
import { PatientHeader } from "./header/PatientHeader.tsx";
import { Unseen } from "./header/Unseen.tsx";
import { useLivePatient } from "./live.ts";
import { NamesProvider } from "./names.tsx";
import { PatientProvider, type PatientShown, type Target } from "./patient.ts";
import { type PatientTab, TABS } from "./tabs.tsx";
import "#web/portal/styles/pictures.css";
import "./patient.css";

export function PatientPage() {
  const { patientId = "" } = useParams();
  // Of another patient nothing may stay on the page, not even while theirs is on its way.
  return <OfPatient key={patientId} patientId={patientId} />;
}

function OfPatient({ patientId }: { readonly patientId: string }) {
  const query = useOperation("get /patients/{patientId}", { path: { patientId } });
  // Asked for beside it, so that the analyses are asked for once, and by the right ranges.
  const targets = useOperation("get /patients/{patientId}/targets", { path: { patientId } });
  const refusal = query.error?.status === 404 || query.error?.status === 403 ? query.error : null;
  if (refusal) return <Unseen patientId={patientId} error={refusal} onOpened={() => void query.refetch()} />;
  return <Loaded query={query} skeleton={<Waiting />}>{(patient) => (targets.isPending ? <Waiting /> : <Seen patient={patient} target={targets.data?.current ?? null} />)}</Loaded>;
}

function Seen({ patient, target }: { readonly patient: PatientShown; readonly target: Target | null }) {
  useLivePatient(patient.id);
  const shown = useShownTab(patient.id);
  const onPage = useMemo(() => ({ patient, target }), [patient, target]);
  return (
    <PatientProvider value={onPage}>
      <NamesProvider zone={patient.zone}>
        <PatientHeader hasPeriod={shown.hasPeriod} hasComparison={shown.hasComparison ?? false} />
        <TabBar patientId={patient.id} shown={shown} />
        <Box role="tabpanel" aria-labelledby={`tab-${shown.path}`} sx={{ mt: 2, minWidth: 0 }}>
          <Suspense fallback={<Skeleton variant="rounded" height={320} />}>
            <Routes>
              {TABS.map(({ path, page: Page }) => (path === "" ? <Route key={path} index element={<Page />} /> : <Route key={path} path={`${path}/*`} element={<Page />} />))}
              <Route path="*" element={<Navigate to="." replace />} />
            </Routes>
          </Suspense>
        </Box>
      </NamesProvider>
    </PatientProvider>
  );
}

/** The tab of the address; the first where it names none. */
function useShownTab(patientId: string): PatientTab {
  const { pathname } = useLocation();
  const [, below = ""] = pathname.split(`/patients/${patientId}/`);
  const [first = ""] = below.split("/");
  return TABS.find(({ path }) => path === first) ?? TABS[0]!;
}

/** Links, so that a tab can be opened beside another; the period and ranges go along. */
function TabBar({ patientId, shown }: { readonly patientId: string; readonly shown: PatientTab }) {
  const t = useWords();
  const { search } = useLocation();
  const kept = new URLSearchParams(search);
  // Which day was looked at is the day's own.
  for (const name of ["date", "span"]) kept.delete(name);
  const text = kept.toString();
  return (
    <Tabs value={shown.path} variant="scrollable" scrollButtons="auto" allowScrollButtonsMobile aria-label={t("patient.tabs")} sx={{ borderBottom: 1, borderColor: "divider" }}>
      {TABS.map(({ path, label }) => (
        <Tab key={path} value={path} id={`tab-${path}`} label={t(label)} component={Link} to={`/patients/${patientId}${path === "" ? "" : `/${path}`}${text === "" ? "" : `?${text}`}`} data-testid={`tab-${path === "" ? "summary" : path}`} />
      ))}
    </Tabs>
  );
}

function Waiting() {
  return (
    <>
      <Skeleton width={240} height={48} sx={{ mt: 2 }} />
      <Skeleton variant="rounded" height={112} sx={{ mt: 1 }} />
      <Skeleton height={48} sx={{ mt: 2 }} />
      <Skeleton variant="rounded" height={320} sx={{ mt: 2 }} />
    </>
  );
}

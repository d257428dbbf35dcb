/** The list of a clinic's patients: filtered, in order, in pages, all of it by the server. What is in the address survives a reload; who was searched for is in this page's memory alone. */
import { type FormEvent, type ReactNode, useState } from "react";
import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Collapse from "@mui/material/Collapse";
import Skeleton from "@mui/material/Skeleton";
import TextField from "@mui/material/TextField";
import Typography from "@mui/material/Typography";
import useMediaQuery from "@mui/material/useMediaQuery";
import { useSearchParams } from "react-router-dom";
import { saveFile } from "#web/charts/save-file.ts";
import { useNotify } from "ra-core";
import { toApiError } from "#web/client/errors.ts";
import { PutOff } from "../dashboard/PutOff.tsx";
import { useFormatter, useWords } from "../messages/words.ts";
import { useErrorWords } from "../parts/error-words.ts";
import { Loaded } from "../parts/Loaded.tsx";
import { PageTitle } from "../parts/PageTitle.tsx";
import { useBlocking } from "../parts/use-blocking.tsx";
import { useClient, useStaff } from "../session/staff.ts";
import { BulkBar } from "./BulkBar.tsx";
import { FilterChips, FilterFields } from "./Filters.tsx";
import { InviteButton } from "./InvitePatient.tsx";
import { OverviewDrawer } from "./OverviewDrawer.tsx";
import { PatientCards, PatientTable, type PatientRowsProps } from "./PatientTable.tsx";
import { askedOf, type ListAsked, queryOf, withoutFilters, withSort } from "./query.ts";
import { ROWS_A_PAGE, usePatients, type PatientLine, type PatientPage } from "./use-patients.ts";
import { ReviewDone } from "./ReviewDone.tsx";
import { useReviews } from "./use-reviews.ts";
import { ColumnsButton, ViewsButton } from "./Views.tsx";

const NOBODY: ReadonlySet<string> = new Set();

export function PatientList() {
  const t = useWords();
  const f = useFormatter();
  const [address, setAddress] = useSearchParams();
  const [text, setText] = useState("");
  const [areFiltersOpen, setFiltersOpen] = useState(false);
  const [selected, setSelected] = useState<ReadonlySet<string>>(NOBODY);
  const asked = askedOf(address);
  const query = usePatients(asked, text);
  const reviews = useReviews();
  const [puttingOff, setPuttingOff] = useState<PatientLine | null>(null);
  const askPutOff = (line: PatientLine | null): void => {
    reviews.forgetRefusal();
    setPuttingOff(line);
  };
  const { isAdmin } = useStaff();
  const blocking = useBlocking();
  const shownId = address.get("overview");
  const change = (next: URLSearchParams): void => {
    setSelected(NOBODY);
    setAddress(next);
  };
  const search = (next: string): void => {
    setText(next);
    change(withParameter(address, "page", null));
  };
  const sub = query.data ? `${f.number(query.data.total)} / ${t("patients.total", { smart_count: query.data.all })} · ${t("patients.refreshed", { time: f.time(Date.parse(query.data.asOf)) })}` : " ";
  return (
    <>
      <PageTitle title={t("shell.patients")} sub={sub}>
        <InviteButton />
        <ViewsButton address={address} onChange={change} />
        <ColumnsButton />
        <CsvButton asked={asked} isDisabled={text !== ""} />
        <Button onClick={() => void query.refetch()} disabled={query.isFetching}>{t("patients.refresh")}</Button>
      </PageTitle>
      <Box sx={{ display: "flex", flexWrap: "wrap", gap: 1, alignItems: "flex-start" }}>
        <Search text={text} onSearch={search} />
        <Button onClick={() => setFiltersOpen(!areFiltersOpen)} aria-expanded={areFiltersOpen} data-testid="filters">{t("patients.filters")}</Button>
      </Box>
      <Collapse in={areFiltersOpen} unmountOnExit><FilterFields address={address} onChange={change} /></Collapse>
      <FilterChips address={address} onChange={change} />
      <BulkBar selected={selected} onClear={() => setSelected(NOBODY)} />
      <Loaded query={query} skeleton={<RowsSkeleton />}>
        {(page) => page === null || page.data.length === 0 ? <Empty page={page} text={text} hasFilters={Object.keys(asked.filters).length > 0} onReset={() => change(withoutFilters(address))} onClear={() => search("")} /> : (
          <>
            <Rows
              lines={page.data} asked={asked} selected={selected} onSelect={setSelected} onSort={(sort) => change(withSort(address, sort))}
              onOverview={(id) => setAddress(withParameter(address, "overview", id))} onReviewed={reviews.mark}
              onBlock={isAdmin ? ({ account, displayName }) => (account ? blocking.ask({ ...account, name: displayName }) : undefined) : undefined}
            />
            <Pages asked={asked} page={page} onPage={(number) => change(withParameter(address, "page", number === 1 ? null : String(number)))} />
            <OverviewDrawer line={page.data.find(({ id }) => id === shownId) ?? null} onClose={() => setAddress(withParameter(address, "overview", null))} onReviewed={reviews.mark} onPutOff={askPutOff} />
          </>
        )}
      </Loaded>
      {blocking.parts}
      {puttingOff ? <PutOff key={puttingOff.id} line={puttingOff} isWorking={reviews.isWorking} error={reviews.putOffError} onPutOff={(snooze) => reviews.putOff(puttingOff, snooze, () => askPutOff(null))} onClose={() => askPutOff(null)} /> : null}
      <ReviewDone reviews={reviews} />
    </>
  );
}

function withParameter(address: URLSearchParams, name: string, value: string | null): URLSearchParams {
  const next = new URLSearchParams(address);
  if (value === null) next.delete(name);
  else next.set(name, value);
  return next;
}

function Rows(props: PatientRowsProps) {
  const t = useWords();
  const isNarrow = useMediaQuery("(max-width: 700px)");
  return (
    <>
      {isNarrow ? <PatientCards {...props} /> : <PatientTable {...props} />}
      {isNarrow ? null : <Typography variant="body2" color="text.secondary" sx={{ mt: 1 }}>{t("patients.keys")}</Typography>}
    </>
  );
}

function Search({ text, onSearch }: { readonly text: string; readonly onSearch: (text: string) => void }) {
  const t = useWords();
  const [typed, setTyped] = useState(text);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    onSearch(typed.trim());
  };
  return (
    <Box component="search" sx={{ flexGrow: 1, maxWidth: "40rem" }}><Box component="form" onSubmit={submit} sx={{ display: "flex", flexWrap: "wrap", gap: 1 }}>
      <TextField
        type="search" size="small" label={t("patients.search")} helperText={t("patients.searchHelp")} value={typed} onChange={(event) => setTyped(event.target.value)} margin="none" sx={{ flexGrow: 1, minWidth: "min(100%, 16rem)" }}
        slotProps={{ htmlInput: { maxLength: 100, autoComplete: "off", "data-testid": "search" } }}
      />
      {text === "" ? null : (
        <Button onClick={() => {
          setTyped("");
          onSearch("");
        }}>{t("patients.clearSearch")}</Button>
      )}
    </Box></Box>
  );
}

function CsvButton({ asked, isDisabled }: { readonly asked: ListAsked; readonly isDisabled: boolean }) {
  const t = useWords();
  const client = useClient();
  const notify = useNotify();
  const errorWords = useErrorWords();
  const [isWorking, setWorking] = useState(false);
  const save = async (): Promise<void> => {
    setWorking(true);
    try {
      const { blob, name } = await client.file("get /clinic/patients.csv", { query: queryOf(asked) });
      saveFile(blob, name ?? "patients.csv");
    } catch (thrown) {
      const words = errorWords(toApiError(thrown));
      notify(words, { type: "error", messageArgs: { _: words } });
    } finally {
      setWorking(false);
    }
  };
  return <Button onClick={() => void save()} disabled={isDisabled || isWorking} title={t("patients.csvAbout")} data-testid="csv">{t("patients.csv")}</Button>;
}

interface EmptyProps {
  readonly page: PatientPage | null;
  readonly text: string;
  readonly hasFilters: boolean;
  readonly onReset: () => void;
  readonly onClear: () => void;
}

/** Why nothing is shown, and what to do. */
function Empty({ page, text, hasFilters, onReset, onClear }: EmptyProps): ReactNode {
  const t = useWords();
  if (page?.all === 0 && text === "") return <Alert severity="info" data-testid="empty">{t("patients.emptyNobody")}</Alert>;
  const why = text === "" ? t("patients.emptyFilters") : t(hasFilters ? "patients.emptyBoth" : "patients.emptySearch", { text });
  return (
    <Alert severity="info" data-testid="empty" action={<>{text === "" ? null : <Button color="inherit" size="small" onClick={onClear}>{t("patients.clearSearch")}</Button>}{hasFilters || page === null ? <Button color="inherit" size="small" onClick={onReset}>{t("patients.resetFilters")}</Button> : null}</>}>
      {why}
    </Alert>
  );
}

function Pages({ asked, page, onPage }: { readonly asked: ListAsked; readonly page: PatientPage; readonly onPage: (page: number) => void }) {
  const t = useWords();
  if (asked.page === 1 && page.nextCursor === null) return null;
  return (
    <Box component="nav" aria-label={t("patients.page", { page: asked.page })} sx={{ display: "flex", gap: 1, alignItems: "center", justifyContent: "flex-end", mt: 1 }}>
      <Button disabled={asked.page === 1} onClick={() => onPage(asked.page - 1)}>{t("patients.previous")}</Button>
      <Typography>{t("patients.page", { page: `${asked.page} / ${Math.max(1, Math.ceil(page.total / ROWS_A_PAGE))}` })}</Typography>
      <Button disabled={page.nextCursor === null} onClick={() => onPage(asked.page + 1)} data-testid="next-page">{t("patients.next")}</Button>
    </Box>
  );
}

/** Of the shape of the rows. */
function RowsSkeleton() {
  return <Box sx={{ display: "grid", gap: "1px" }}>{Array.from({ length: 12 }, (_, row) => <Skeleton key={row} variant="rectangular" height={44} />)}</Box>;
}

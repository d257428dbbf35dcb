import { type ReactNode, type SyntheticEvent, useId, useState } from "react";
import { type CsvCell, toCsv } from "./csv.ts";
import { saveFile } from "./save-file.ts";

export interface FigureTable {
  readonly caption: string;
  readonly columns: readonly string[];
  /** Called only when the reader opens the table. The first cell of a row is its heading. */
  readonly rows: () => readonly (readonly string[])[];
  /** The same data as a file, numbers unrounded where that is what they are. */
  readonly csv?: { readonly label: string; readonly name: string; readonly rows: () => readonly (readonly CsvCell[])[] };
}

export interface FigureProps {
  readonly heading: ReactNode;
  /** One sentence that says what the picture shows. */
  readonly summary: string;
  /** For pictures whose numbers stand beside them anyway: the sentence is then only read out. */
  readonly isSummaryHidden?: boolean;
  readonly viewAsTable: string;
  readonly table?: FigureTable | undefined;
  readonly aside?: ReactNode;
  readonly testId?: string;
  readonly children: ReactNode;
}

/** A chart as everybody can have it: heading, picture, one sentence, and the same data as a table. */
export function Figure({ heading, summary, isSummaryHidden, viewAsTable, table, aside, testId, children }: FigureProps) {
  const headingId = useId();
  const summaryId = useId();
  return (
    <figure className="figure" aria-labelledby={headingId} aria-describedby={summaryId} data-testid={testId}>
      <div className="figure-head">
        <h2 id={headingId}>{heading}</h2>
        {aside}
      </div>
      {children}
      <figcaption id={summaryId} className={isSummaryHidden ? "visually-hidden" : "figure-summary"}>
        {summary}
      </figcaption>
      {table ? <TableView label={viewAsTable} table={table} /> : null}
    </figure>
  );
}

function TableView({ label, table }: { label: string; table: FigureTable }) {
  const [isOpen, setIsOpen] = useState(false);
  const onToggle = (event: SyntheticEvent<HTMLDetailsElement>): void => setIsOpen(event.currentTarget.open);
  return (
    <details className="table-view" onToggle={onToggle}>
      <summary>{label}</summary>
      {isOpen && table.csv ? <CsvButton csv={table.csv} /> : null}
      {isOpen ? <DataTable table={table} /> : null}
    </details>
  );
}

function CsvButton({ csv: { label, name, rows } }: { csv: NonNullable<FigureTable["csv"]> }) {
  return (
    <button type="button" className="button" onClick={() => saveFile(new Blob([toCsv(rows())], { type: "text/csv;charset=utf-8" }), name)}>
      {label}
    </button>
  );
}

function DataTable({ table }: { table: FigureTable }) {
  const captionId = useId();
  return (
    // The region scrolls on its own, so the keyboard has to be able to reach it.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <section className="table-scroll" tabIndex={0} aria-labelledby={captionId}>
      <table>
        <caption id={captionId}>{table.caption}</caption>
        <thead>
          <tr>
            {table.columns.map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows().map(([heading = "", ...cells], row) => (
            // Rows have no identity of their own and are never reordered.
            <tr key={`${heading} ${row}`}>
              <th scope="row">{heading}</th>
              {cells.map((cell, column) => (
                <td key={table.columns[column + 1] ?? column}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

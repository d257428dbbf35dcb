-- Settled days of a series, packed (src/samples/store/codec.ts): one row instead of hundreds. What arrives later is merged into its block.
create table day_blocks (
  organization_id uuid not null,
  patient_id uuid not null,
  series_id bigint not null,
  -- UTC day that the samples start in.
  day date not null,
  count int not null check (count > 0),
  -- Milliseconds since the day's begin of the first and the last start, and of the furthest end or start.
  first_ms int not null,
  last_ms int not null,
  reach_ms int not null,
  min double precision not null,
  max double precision not null,
  sum double precision not null,
  data bytea not null,
  primary key (patient_id, series_id, day)
);
-- Packed already; out of line only where a row would not fit a page.
alter table day_blocks alter column data set storage external;

alter table day_blocks enable row level security;
alter table day_blocks force row level security;
create policy tenant on day_blocks to islet_app using (organization_id = (select app_organization_id())) with check (organization_id = (select app_organization_id()));
grant select, insert, update, delete on day_blocks to islet_app;

-- Up to when all settled days were folded: from a month before it on, the next look begins.
create table fold_mark (
  is_only boolean primary key default true check (is_only),
  folded_to timestamptz not null
);
alter table fold_mark enable row level security;
alter table fold_mark force row level security;
create policy system on fold_mark to islet_system using (true) with check (true);
grant select, insert, update on fold_mark to islet_system;

-- Where a person lived, and what each of their local days amounts to, kept by a follower of the change feed.

alter table changes drop constraint changes_kind_check;
alter table changes add constraint changes_kind_check check (kind in ('samples', 'sleep', 'workout', 'treatment', 'connection', 'sources', 'zone'));
-- What of a patient the follower has not seen yet.
create index changes_of_patient_in_order on changes (patient_id, transaction_id, id);

-- From when on a person lives by which IANA zone; before the first, patients.zone holds.
create table zone_entries (
  organization_id uuid not null references organizations (id),
  patient_id uuid not null references patients (id),
  from_at timestamptz not null,
  zone text not null,
  created_at timestamptz not null default now(),
  primary key (patient_id, from_at)
);

-- One metric of one local day, sources resolved.
create table day_summaries (
  organization_id uuid not null references organizations (id),
  patient_id uuid not null references patients (id),
  metric smallint not null,
  -- Of the person's own calendar; its window, too, so that a day of another zone is never taken for it.
  date date not null,
  from_at timestamptz not null,
  to_at timestamptz not null,
  count int not null check (count > 0),
  -- By the metric's own aggregate: mean, sum or last.
  value double precision not null,
  mean double precision not null,
  -- Sum of the squared distances from the mean.
  m2 double precision not null,
  min double precision not null,
  max double precision not null,
  last double precision not null,
  first_at timestamptz not null,
  last_at timestamptz not null,
  -- Of the first value.
  series_id bigint not null,
  -- All that brought a value: some vendors' data is for the person alone.
  providers text[] not null,
  -- Of glucose only: readings very low, low, in target, high, very high, and those of them in the tight range.
  ranges int[],
  -- Of glucose only: what a period needs of the day, [count, mean, m2, ranges, first ms, last ms, steps] as JSON (src/summaries/summarize.ts); text, so
  -- that those of a period are put together without reading them.
  part text,
  primary key (patient_id, metric, date)
);

-- How far a patient's summaries are kept, and by which order of sources.
create table summary_states (
  organization_id uuid not null references organizations (id),
  patient_id uuid not null references patients (id),
  -- { metric: { raw: [series], day: [series] } }
  rankings jsonb not null default '{}',
  -- All that brought a value to any day.
  providers text[] not null default '{}',
  primary key (patient_id)
);

-- What changed and is to be summarized anew.
create table summary_work (
  organization_id uuid not null references organizations (id),
  patient_id uuid not null references patients (id),
  id bigint generated always as identity,
  -- Null: all metrics.
  metric smallint,
  -- Null: without end.
  from_at timestamptz,
  to_at timestamptz,
  primary key (patient_id, id)
);

-- Up to where the follower has read the change feed. One row.
create table summary_follower (
  only_one boolean primary key default true check (only_one),
  transaction_id xid8 not null,
  id bigint not null
);
insert into summary_follower (transaction_id, id) values ('0', 0);

do $$
declare name text;
begin
  foreach name in array array['zone_entries', 'day_summaries', 'summary_states', 'summary_work'] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format(
      'create policy tenant on %I to islet_app using (organization_id = (select app_organization_id()))
       with check (organization_id = (select app_organization_id()))', name);
    execute format('grant select, insert, update, delete on %I to islet_app', name);
  end loop;
end $$;
-- What was made with data that is for the person alone is not there for others, as that data is not.
create policy owner_only on day_summaries as restrictive to islet_app using (not (providers && (select app_hidden_providers())::text[]));

-- The follower turns changes into work, and finds whose work waits; it never sees a summary.
create policy system on summary_work to islet_system using (true) with check (true);
grant select, insert on summary_work to islet_system;
alter table summary_follower enable row level security;
alter table summary_follower force row level security;
create policy system on summary_follower to islet_system using (true) with check (true);
create policy everybody on summary_follower for select to islet_app using (true);
grant select, update on summary_follower to islet_system;
grant select on summary_follower to islet_app;

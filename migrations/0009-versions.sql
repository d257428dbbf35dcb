-- What a vendor said before it revised a night, a workout or a score. The latest wins; the earlier stands here, once for each value that was
-- replaced. That a record got more detail, or was taken back, is no revision.
create table record_versions (
  organization_id uuid not null references organizations (id),
  patient_id uuid not null references patients (id),
  id bigint generated always as identity,
  kind text not null check (kind in ('sleep', 'workout')),
  record_id bigint not null,
  provider text not null,
  connection_id uuid,
  start_at timestamptz not null,
  end_at timestamptz not null,
  -- `nap` or `sleep`; the sport of a workout.
  class text not null,
  details jsonb not null,
  -- The delivery that said so, and the one that said otherwise.
  delivery_id bigint not null,
  replaced_by bigint not null,
  replaced_at timestamptz not null default now(),
  primary key (patient_id, id)
);
create index record_versions_by_record on record_versions (patient_id, kind, record_id, id);

create table sample_versions (
  organization_id uuid not null references organizations (id),
  patient_id uuid not null references patients (id),
  id bigint generated always as identity,
  series_id bigint not null,
  start_at timestamptz not null,
  end_at timestamptz,
  value double precision not null,
  delivery_id bigint not null,
  replaced_by bigint not null,
  replaced_at timestamptz not null default now(),
  primary key (patient_id, id)
);
create index sample_versions_by_sample on sample_versions (patient_id, series_id, start_at, id);

-- Scores (readiness, recovery, strain …): series whose earlier values are kept, and which stay rows.
alter table series add column keeps_versions boolean not null default false;
update series set keeps_versions = true where metric in (81, 82, 83, 85, 88, 89);

create function keep_record_version() returns trigger language plpgsql as $$
begin
  -- The same vendor's second document about the night adds fields; only what it changes is a revision.
  if (old.start_at, old.end_at) is distinct from (new.start_at, new.end_at)
     or exists (select 1 from jsonb_each(old.details) o where new.details -> o.key is distinct from o.value) then
    insert into record_versions (organization_id, patient_id, kind, record_id, provider, connection_id, start_at, end_at, class, details, delivery_id, replaced_by)
    values (old.organization_id, old.patient_id, tg_argv[0], old.id, old.provider, old.connection_id, old.start_at, old.end_at,
      case when tg_argv[0] = 'workout' then to_jsonb(old) ->> 'sport' when (to_jsonb(old) ->> 'is_nap')::boolean then 'nap' else 'sleep' end,
      old.details, old.delivery_id, new.delivery_id);
  end if;
  return null;
end $$;
create trigger keep_version after update on sleeps for each row
  when (old.start_at > '-infinity' and old.withdrawn_at is null and new.withdrawn_at is null) execute function keep_record_version('sleep');
create trigger keep_version after update on workouts for each row
  when (old.start_at > '-infinity' and old.withdrawn_at is null and new.withdrawn_at is null) execute function keep_record_version('workout');

create function keep_sample_version() returns trigger language plpgsql as $$
begin
  if exists (select 1 from series where patient_id = old.patient_id and id = old.series_id and keeps_versions) then
    insert into sample_versions (organization_id, patient_id, series_id, start_at, end_at, value, delivery_id, replaced_by)
    values (old.organization_id, old.patient_id, old.series_id, old.start_at, old.end_at, old.value, old.delivery_id, new.delivery_id);
  end if;
  return null;
end $$;
create trigger keep_version after update on samples for each row when (old.value is distinct from new.value) execute function keep_sample_version();

-- With a record that is erased go its versions.
create function erase_record_versions() returns trigger language plpgsql as $$
begin
  delete from record_versions where patient_id = old.patient_id and kind = tg_argv[0] and record_id = old.id;
  return null;
end $$;
create trigger erase_versions after delete on sleeps for each row execute function erase_record_versions('sleep');
create trigger erase_versions after delete on workouts for each row execute function erase_record_versions('workout');

create function erase_sample_versions() returns trigger language plpgsql as $$
begin
  delete from sample_versions where patient_id = old.patient_id and series_id = old.id;
  return null;
end $$;
create trigger erase_versions after delete on series for each row execute function erase_sample_versions();

do $$
declare name text;
begin
  foreach name in array array['record_versions', 'sample_versions'] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('create policy tenant on %I to islet_app using (organization_id = (select app_organization_id())) with check (organization_id = (select app_organization_id()))', name);
    execute format('grant select, insert, delete on %I to islet_app', name);
  end loop;
end $$;
create policy owner_only on record_versions as restrictive to islet_app using (provider <> all ((select app_hidden_providers())::text[]));

-- The inbox by months: what a vendor pushed or was asked for is dropped by whole months, never row by row. What a person imported or
-- sent by a device of their own is nobody else's to send again, and stays.

alter table deliveries rename to deliveries_before;
-- An owner that is no superuser must see all of what it moves.
alter table deliveries_before no force row level security;
alter index deliveries_open rename to deliveries_before_open;
alter index deliveries_by_patient rename to deliveries_before_by_patient;
alter index deliveries_by_account rename to deliveries_before_by_account;
alter table deliveries_before rename constraint deliveries_pkey to deliveries_before_pkey;
-- The identity takes its sequence with it: ids go on behind the last one given.
do $$
declare last bigint;
begin
  select last_value into last from deliveries_id_seq;
  alter table deliveries_before alter column id drop identity;
  create sequence deliveries_id_seq;
  perform setval('deliveries_id_seq', last);
end $$;

-- Partitions lie in a schema that no role may enter: all reading and writing goes through the table above them and its policies.
create schema inbox_months;

create table deliveries (
  id bigint not null default nextval('deliveries_id_seq'),
  -- By this month a delivery is filed. The time it came; later for what had to stay when its month was dropped.
  filed_at timestamptz not null default clock_timestamp(),
  received_at timestamptz not null default clock_timestamp(),
  provider text not null,
  via text not null check (via in ('webhook', 'pull', 'import', 'push')),
  resource text,
  -- Known at once for pulls, pushes and imports; for webhooks once the account is matched, and only if one patient owns it all.
  organization_id uuid references organizations (id),
  patient_id uuid,
  connection_id uuid,
  -- The vendor's account while it belongs to nobody: by it the delivery is found when somebody links the account.
  account text,
  -- The delivery this one was split from or asked for by.
  caused_by bigint,
  headers jsonb not null default '{}',
  body bytea not null,
  body_encoding text not null default 'identity' check (body_encoding in ('identity', 'zstd')),
  body_bytes integer not null,
  state text not null default 'pending'
    check (state in ('pending', 'processing', 'done', 'failed', 'dead', 'unmatched', 'ignored')),
  attempts integer not null default 0,
  available_at timestamptz not null default now(),
  lease_until timestamptz,
  lease_id uuid,
  last_error text,
  problems jsonb not null default '[]',
  processed_at timestamptz,
  -- Version of the driver's mapping that made the records.
  mapping_version smallint,
  -- The replay that asked for it to be processed once more.
  replay_id bigint,
  primary key (id, via, filed_at)
) partition by list (via);
-- What has just come goes before what is made once more.
create index deliveries_open on deliveries (available_at, id) where state in ('pending', 'failed') and replay_id is null;
create index deliveries_open_again on deliveries (available_at, id) where state in ('pending', 'failed') and replay_id is not null;
create index deliveries_held on deliveries (lease_until) where state = 'processing';
create index deliveries_dead on deliveries (provider, received_at) where state = 'dead';
create index deliveries_by_patient on deliveries (patient_id, id) where patient_id is not null;
create index deliveries_by_account on deliveries (provider, account) where account is not null;
create index deliveries_by_replay on deliveries (replay_id) where replay_id is not null;

create table inbox_months.pushed partition of deliveries for values in ('webhook') partition by range (filed_at);
create table inbox_months.pulled partition of deliveries for values in ('pull') partition by range (filed_at);
create table inbox_months.given partition of deliveries for values in ('import', 'push');
-- What no month was made for in time still has a place (faults ST-15).
create table inbox_months.pushed_rest partition of inbox_months.pushed default;
create table inbox_months.pulled_rest partition of inbox_months.pulled default;

-- Sees to the months from `first` on, `count` of them. Made beside the table and attached, so that writers wait for a moment only.
create function inbox_make_months(first date, count integer) returns integer language plpgsql security definer set search_path = pg_catalog, public
as $$
declare
  kind text;
  month date;
  name text;
  has_begun boolean;
  made integer := 0;
begin
  set local lock_timeout = '1s';
  foreach kind in array array['pushed', 'pulled'] loop
    for ahead in 0 .. count - 1 loop
      month := (date_trunc('month', first) + make_interval(months => ahead))::date;
      name := kind || to_char(month, '_YYYY_MM');
      continue when to_regclass('inbox_months.' || name) is not null;
      -- Months that began without their partition stay where they are: a row in the default partition would refuse it.
      execute format('select exists (select 1 from inbox_months.%I where filed_at >= %L and filed_at < %L)', kind || '_rest',
        month::timestamp at time zone 'UTC', (month + interval '1 month')::timestamp at time zone 'UTC') into has_begun;
      continue when has_begun;
      execute format('create table inbox_months.%I (like public.deliveries including defaults including constraints)', name);
      execute format('alter table inbox_months.%I attach partition inbox_months.%I for values from (%L) to (%L)', kind, name,
        month::timestamp at time zone 'UTC', (month + interval '1 month')::timestamp at time zone 'UTC');
      made := made + 1;
    end loop;
  end loop;
  return made;
end $$;

-- Drops the months that ended before `before`. What is not done yet, or dead, is filed under the present month first: nothing that was
-- acknowledged goes before it was processed, or somebody has looked at why it could not be.
create function inbox_drop_months(kind text, before timestamptz) returns text[] language plpgsql security definer set search_path = pg_catalog, public
as $$
declare
  month record;
  dropped text[] := '{}';
begin
  if kind not in ('pushed', 'pulled') then raise exception 'no such kind of months'; end if;
  set local lock_timeout = '1s';
  for month in
    select c.oid, c.relname as name, (to_date(right(c.relname, 7), 'YYYY_MM') + interval '1 month')::timestamp at time zone 'UTC' as ends_at
    from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = ('inbox_months.' || kind)::regclass and c.relname ~ '_[0-9]{4}_[0-9]{2}$' order by c.relname
  loop
    exit when month.ends_at > before;
    execute format('update inbox_months.%I set filed_at = clock_timestamp() where tableoid = %s and state in (''pending'', ''processing'', ''failed'', ''dead'')', kind, month.oid);
    execute format('drop table inbox_months.%I', month.name);
    dropped := dropped || month.name::text;
  end loop;
  -- What fell between the months: there should be none of it, so row by row will do.
  execute format('delete from inbox_months.%I where filed_at < %L and state not in (''pending'', ''processing'', ''failed'', ''dead'')', kind || '_rest', before);
  return dropped;
end $$;
revoke all on function inbox_make_months(date, integer), inbox_drop_months(text, timestamptz) from public;

-- From the month of the oldest delivery there is, to two months ahead.
do $$
declare first date := coalesce((select min(received_at) from deliveries_before), now())::date;
begin
  perform inbox_make_months(first, ((extract(year from age(date_trunc('month', now()), date_trunc('month', first))) * 12)
    + extract(month from age(date_trunc('month', now()), date_trunc('month', first))))::integer + 3);
end $$;

insert into deliveries (id, filed_at, received_at, provider, via, resource, organization_id, patient_id, connection_id, account, caused_by, headers,
  body, body_encoding, body_bytes, state, attempts, available_at, lease_until, lease_id, last_error, problems, processed_at)
select id, received_at, received_at, provider, via, resource, organization_id, patient_id, connection_id, account, caused_by, headers,
  body, body_encoding, body_bytes, state, attempts, available_at, lease_until, lease_id, last_error, problems, processed_at
from deliveries_before;
drop table deliveries_before;

alter table deliveries enable row level security;
alter table deliveries force row level security;
create policy tenant on deliveries to islet_app using (organization_id = (select app_organization_id()))
  with check (organization_id = (select app_organization_id()));
create policy system on deliveries to islet_system using (true) with check (true);
create policy owner_only on deliveries as restrictive to islet_app using (provider <> all ((select app_hidden_providers())::text[]));
grant select, insert, update, delete on deliveries to islet_app, islet_system;
grant usage, select on sequence deliveries_id_seq to islet_app, islet_system;
grant execute on function inbox_make_months(date, integer), inbox_drop_months(text, timestamptz) to islet_system;

-- An order to process deliveries once more, and how far it has come.
create table replays (
  organization_id uuid references organizations (id),
  id bigint generated always as identity primary key,
  asked_at timestamptz not null default now(),
  asked_by uuid,
  reason text not null,
  filter jsonb not null,
  total integer not null default 0
);
alter table replays enable row level security;
alter table replays force row level security;
create policy tenant on replays to islet_app using (organization_id = (select app_organization_id()))
  with check (organization_id = (select app_organization_id()));
create policy system on replays to islet_system using (true) with check (true);
grant select, insert, update on replays to islet_app, islet_system;

-- The organization's administration: systems of its own that are told of changes, what it calls itself and its meals, and whether its staff needs a second factor.

-- Where the organization's own systems want to hear of changes (docs/outgoing-webhooks.md).
create table webhook_endpoints (
  organization_id uuid not null references organizations (id),
  id uuid primary key default gen_random_uuid(),
  url text not null check (length(url) between 8 and 2000),
  description text not null default '' check (length(description) <= 200),
  kinds text[] not null check (cardinality(kinds) > 0),
  -- `paused`: events are kept until it goes on. `disabled`: nothing is kept for it.
  state text not null default 'active' check (state in ('active', 'paused', 'disabled')),
  disabled_reason text check (disabled_reason in ('gone', 'failing')),
  -- Failures without an answer in between: after each the endpoint rests, ever longer; after days it is disabled.
  failures integer not null default 0,
  failing_since timestamptz,
  rests_until timestamptz,
  created_at timestamptz not null default now(),
  check ((state = 'disabled') = (disabled_reason is not null)),
  unique (organization_id, id)
);

-- What an endpoint's messages are signed with; two hold at once while the receiver changes over.
create table webhook_secrets (
  organization_id uuid not null references organizations (id),
  endpoint_id uuid not null references webhook_endpoints (id) on delete cascade,
  id uuid primary key default gen_random_uuid(),
  secret_sealed text not null check (secret_sealed like 'v1.%'),
  secret_ring_key_id text not null generated always as (sealed_ring_key(secret_sealed)) stored references vault_key_checks (key_id),
  created_at timestamptz not null default now(),
  -- Null: of the newest.
  ends_at timestamptz
);
create index webhook_secrets_of_endpoint on webhook_secrets (endpoint_id);
create index webhook_secrets_under_ring on webhook_secrets (secret_ring_key_id);

-- One thing that an organization's systems are told: whose, what kind, which stretch of time. Never a value. Its id is that of the message.
create table webhook_events (
  organization_id uuid not null references organizations (id),
  id uuid primary key default gen_random_uuid(),
  -- Null: a trial message.
  patient_id uuid references patients (id),
  kind text not null check (kind ~ '^[a-z_]{1,40}$'),
  metric smallint,
  connection_id uuid,
  from_at timestamptz,
  to_at timestamptz,
  count integer not null,
  created_at timestamptz not null,
  unique (organization_id, id)
);
create index webhook_events_by_patient on webhook_events (patient_id);
create index webhook_events_by_age on webhook_events (organization_id, created_at);

-- One event for one endpoint.
create table webhook_deliveries (
  organization_id uuid not null references organizations (id),
  id bigint generated always as identity primary key,
  endpoint_id uuid not null,
  event_id uuid not null,
  -- `withheld`: the person does not share (any more).
  state text not null default 'pending' check (state in ('pending', 'delivered', 'dead', 'withheld')),
  attempts integer not null default 0,
  -- When it is tried next; null once it has come to an end.
  next_at timestamptz,
  lease_until timestamptz,
  -- Of the newest attempt: the status that was answered, or why there was none.
  last_status smallint,
  last_error text,
  ended_at timestamptz,
  foreign key (organization_id, endpoint_id) references webhook_endpoints (organization_id, id) on delete cascade,
  foreign key (organization_id, event_id) references webhook_events (organization_id, id) on delete cascade,
  check ((state = 'pending') = (next_at is not null))
);
create index webhook_deliveries_due on webhook_deliveries (endpoint_id, next_at) where state = 'pending';
create index webhook_deliveries_of_endpoint on webhook_deliveries (endpoint_id, id desc);
create index webhook_deliveries_of_event on webhook_deliveries (event_id);

create table webhook_attempts (
  organization_id uuid not null references organizations (id),
  delivery_id bigint not null references webhook_deliveries (id) on delete cascade,
  id bigint generated always as identity primary key,
  at timestamptz not null,
  ms integer not null,
  status smallint,
  error text
);
create index webhook_attempts_of_delivery on webhook_attempts (delivery_id, id);

-- Up to where the follower has read the change feed. One row; it begins where the feed stands now.
create table webhook_follower (
  only_one boolean primary key default true check (only_one),
  transaction_id xid8 not null,
  id bigint not null
);
insert into webhook_follower (transaction_id, id) values (pg_snapshot_xmin(pg_current_snapshot()), 0);

do $$
declare name text;
begin
  foreach name in array array['webhook_endpoints', 'webhook_secrets', 'webhook_events', 'webhook_deliveries', 'webhook_attempts'] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('create policy tenant on %I to islet_worker using (organization_id = (select app_organization_id())) with check (organization_id = (select app_organization_id()))', name);
    execute format('grant select, insert, delete on %I to islet_worker', name);
  end loop;
end $$;
grant update on webhook_endpoints, webhook_deliveries to islet_worker;
grant update (secret_sealed, ends_at) on webhook_secrets to islet_worker;

-- The follower makes events of changes for whoever wants them, and finds whose turn it is; it sees no address, no secret and no attempt.
alter table webhook_follower enable row level security;
alter table webhook_follower force row level security;
create policy system on webhook_follower to islet_system using (true) with check (true);
grant select, update on webhook_follower to islet_system;
create policy system on webhook_endpoints for select to islet_system using (true);
grant select (organization_id, id, kinds, state, rests_until, created_at) on webhook_endpoints to islet_system;
create policy system on webhook_events for insert to islet_system with check (true);
grant insert on webhook_events to islet_system;
create policy system on webhook_deliveries to islet_system using (true) with check (true);
grant select (organization_id, id, endpoint_id, state, next_at, lease_until), insert on webhook_deliveries to islet_system;

-- What an organization calls itself and its meals, how it is reached, and what it begins with for new accounts.
alter table organizations
  add column locale text not null default 'en' check (locale in ('en', 'es')),
  add column glucose_unit text not null default 'mg/dL' check (glucose_unit in ('mg/dL', 'mmol/L')),
  add column zone text not null default 'UTC',
  -- { email, phone, website }
  add column contact jsonb not null default '{}',
  -- { en: { LUNCH: … }, es: { … } }: only where it has words of its own.
  add column meal_labels jsonb not null default '{}',
  -- { patients: { en, es }, staff: { en, es } }
  add column notices jsonb not null default '{}',
  add column staff_second_factor text not null default 'optional' check (staff_second_factor in ('optional', 'required')),
  add column version integer not null default 1,
  add column changed_at timestamptz not null default now(),
  add column changed_by uuid references users (id);
grant update (name, locale, glucose_unit, zone, contact, meal_labels, notices, staff_second_factor, version, changed_at, changed_by) on organizations to islet_worker;

-- The question of every request once more, with whether its person must set up a second factor first: staff without one, where the organization requires one.
drop function session_of(bytea, double precision);
create function session_of(key bytea, now_ms double precision)
  returns table (id uuid, organization_id uuid, roles text[], patient_id uuid, session_id uuid, token_hash bytea, kind text, version integer,
                 expires_at timestamptz, last_seen_at timestamptz, idle_seconds integer, proven_at timestamptz, must_change_password boolean, must_add_second_factor boolean)
  language plpgsql stable set search_path = pg_catalog, public
as $$
declare
  named uuid;
begin
  -- Two questions, so that each has its index.
  if length(key) = 16 then
    select s.id into named from public.sessions s where s.id = encode(key, 'hex')::uuid and s.kind = 'bearer';
  else
    select s.id into named from public.sessions s where s.token_hash = key and s.kind = 'cookie';
  end if;
  return query
    select u.id, u.organization_id, u.roles, p.id, s.id, s.token_hash, s.kind, s.version, s.expires_at, s.last_seen_at, s.idle_seconds, s.proven_at, u.must_change_password,
           u.roles && array['clinician', 'admin'] and o.staff_second_factor = 'required'
             and not exists (select 1 from public.second_factors f where f.user_id = u.id and f.confirmed_at is not null)
    from public.sessions s join public.users u on u.id = s.user_id join public.organizations o on o.id = u.organization_id left join public.patients p on p.user_id = u.id
    where s.id = named and s.expires_at > to_timestamp(now_ms / 1000) and s.version = u.session_version and u.blocked_at is null
      and (s.idle_seconds is null or s.last_seen_at > to_timestamp(now_ms / 1000) - make_interval(secs => s.idle_seconds));
end $$;
revoke all on function session_of(bytea, double precision) from public;
grant execute on function session_of(bytea, double precision) to islet_system;

-- The first house: people, connections, deliveries, measurements, the change feed and the audit log.
-- Forward only. Row-level security is forced on every table that holds a tenant's data; islet_app and islet_system own nothing.
-- Keys of a patient's tables start with patient_id, so that the same schema can later be distributed by it.

do $$ begin create role islet_app nologin noinherit; exception when duplicate_object then null; end $$;
do $$ begin create role islet_system nologin noinherit; exception when duplicate_object then null; end $$;

-- Which organization the present transaction serves; null outside one. After a transaction the setting is '', hence nullif.
create function app_organization_id() returns uuid language sql stable parallel safe
  as $$ select nullif(current_setting('app.organization_id', true), '')::uuid $$;

create table organizations (
  id uuid primary key default gen_random_uuid(),
  name text not null,
  created_at timestamptz not null default now()
);

create table users (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references organizations (id),
  email text not null check (email = lower(email)),
  password_hash text not null,
  display_name text not null,
  roles text[] not null check (roles <@ array['patient', 'clinician', 'admin', 'follower']),
  locale text not null default 'en',
  glucose_unit text not null default 'mg/dL' check (glucose_unit in ('mg/dL', 'mmol/L')),
  zone text not null default 'UTC',
  blocked_at timestamptz,
  created_at timestamptz not null default now(),
  unique (email)
);

create table patients (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references organizations (id),
  user_id uuid unique references users (id),
  display_name text not null,
  zone text not null default 'UTC',
  created_at timestamptz not null default now()
);
create index patients_by_organization on patients (organization_id, display_name, id);

-- Who besides the patient may see or manage a patient's data.
create table grants (
  organization_id uuid not null references organizations (id),
  patient_id uuid not null references patients (id),
  user_id uuid not null references users (id),
  scope text not null check (scope in ('view', 'upload', 'manage')),
  valid_from timestamptz not null default now(),
  valid_to timestamptz not null default 'infinity',
  primary key (patient_id, user_id)
);
create index grants_by_user on grants (user_id);

-- A signed-in browser (cookie) or program (bearer); only the digest of its token rests here.
create table sessions (
  token_hash bytea primary key,
  organization_id uuid not null references organizations (id),
  user_id uuid not null references users (id),
  kind text not null check (kind in ('cookie', 'bearer')),
  created_at timestamptz not null default now(),
  expires_at timestamptz not null
);
create index sessions_by_user on sessions (user_id);
create index sessions_by_expiry on sessions (expires_at);

create table connections (
  organization_id uuid not null references organizations (id),
  patient_id uuid not null references patients (id),
  id uuid not null default gen_random_uuid(),
  provider text not null,
  status text not null check (status in ('active', 'limited', 'needs_reauthorization', 'error', 'revoked', 'disconnected')),
  -- Error code of the last failure; null when all is well.
  status_code text,
  vendor_user_id text not null,
  granted_scopes text[],
  settings jsonb not null default '{}',
  -- Per resource: what stretch of time has been asked for and stored.
  cursors jsonb not null default '{}',
  backfill_progress real not null default 0,
  -- Counts up at connect and disconnect: a sync that started under another epoch stores nothing.
  epoch integer not null default 1,
  failures integer not null default 0,
  syncing_since timestamptz,
  -- Who syncs at the moment; a sync that stops renewing its lease was killed, and another may begin.
  sync_lease_id uuid,
  sync_lease_until timestamptz,
  connected_at timestamptz not null default now(),
  disconnected_at timestamptz,
  last_sync_at timestamptz,
  next_sync_at timestamptz,
  -- When the vendor is next asked to push for this connection; null where it need not be.
  subscribe_at timestamptz,
  primary key (patient_id, id)
);
create index connections_due on connections (next_sync_at) where next_sync_at is not null;
create index connections_to_subscribe on connections (subscribe_at) where subscribe_at is not null;
create unique index connections_one_per_account on connections (patient_id, provider, vendor_user_id);
create index connections_by_account on connections (provider, vendor_user_id);
create unique index connections_one_open_per_provider on connections (patient_id, provider) where disconnected_at is null;

-- One vendor account belongs to one patient at most. Read before the tenant is known (webhooks), hence its own table.
create table provider_accounts (
  provider text not null,
  vendor_user_id text not null,
  organization_id uuid not null references organizations (id),
  patient_id uuid not null,
  connection_id uuid not null,
  primary key (provider, vendor_user_id)
);

create table credentials (
  organization_id uuid not null references organizations (id),
  patient_id uuid not null,
  connection_id uuid not null,
  access_sealed text not null,
  refresh_sealed text,
  expires_at timestamptz not null,
  token_version integer not null default 1,
  -- Set before a refresh call and cleared with its result: one refresher at a time, and a crash in between is seen afterwards.
  refresh_lease_id uuid,
  refresh_lease_until timestamptz,
  -- When the vendor first refused the present refresh token; a second refusal a minute later is believed.
  refused_at timestamptz,
  -- Failed refreshes in a row, and when the scheduler may try again.
  refresh_failures integer not null default 0,
  refresh_retry_at timestamptz,
  primary key (patient_id, connection_id),
  foreign key (patient_id, connection_id) references connections (patient_id, id)
);
create index credentials_by_expiry on credentials (expires_at);

-- A consent under way. The state itself is known to the browser only.
create table oauth_states (
  state_hash bytea primary key,
  organization_id uuid not null references organizations (id),
  patient_id uuid not null references patients (id),
  user_id uuid not null references users (id),
  session_hash bytea not null,
  provider text not null,
  verifier_sealed text,
  settings jsonb not null default '{}',
  redirect_uri text not null,
  return_to text not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null
);
create index oauth_states_by_expiry on oauth_states (expires_at);

-- Our subscription at a vendor that has one for the whole app.
create table provider_subscriptions (
  provider text primary key,
  subscription_id text,
  callback_url text not null,
  verify_token_sealed text not null,
  -- What the vendor signs with, where it gives a secret of its own for the subscription.
  secret_sealed text,
  updated_at timestamptz not null default now()
);

-- What the vault's keys must be able to open; a wrong key fails at start instead of writing with it.
create table vault_key_checks (
  key_id text primary key,
  check_text text not null
);

-- The inbox: whatever enters, as it came. Committed before it is acknowledged.
create table deliveries (
  id bigint generated always as identity primary key,
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
  processed_at timestamptz
);
create index deliveries_open on deliveries (available_at, id) where state in ('pending', 'processing', 'failed');
create index deliveries_by_patient on deliveries (patient_id, id);
create index deliveries_by_account on deliveries (provider, account) where account is not null;

-- Not partitioned by time, so that the unique key holds for ever.
create table delivery_keys (
  provider text not null,
  dedupe_key bytea not null,
  delivery_id bigint not null,
  first_seen timestamptz not null default now(),
  primary key (provider, dedupe_key)
);
create index delivery_keys_by_delivery on delivery_keys (delivery_id);

-- One metric of one patient from one source (connection and device, or none for what is imported or typed).
create table series (
  organization_id uuid not null references organizations (id),
  patient_id uuid not null references patients (id),
  id bigint generated always as identity,
  metric smallint not null,
  provider text not null,
  connection_id uuid,
  device_id text not null default '',
  device_name text,
  -- The vendor's own totals for a day never mix with what it measured within the day.
  is_day_total boolean not null default false,
  created_at timestamptz not null default now(),
  primary key (patient_id, id),
  unique nulls not distinct (patient_id, metric, provider, connection_id, device_id, is_day_total)
);

create table samples (
  organization_id uuid not null,
  patient_id uuid not null,
  series_id bigint not null,
  start_at timestamptz not null,
  end_at timestamptz,
  value double precision not null,
  delivery_id bigint not null,
  offset_minutes smallint,
  flags smallint not null default 0,
  primary key (patient_id, series_id, start_at)
);

-- Sleeps, workouts and treatments. One that the vendor withdraws keeps its row, so that an older delivery that arrives late does not
-- bring it back; a withdrawal that arrives before its record makes such a row, with -infinity for the times it does not know.
create table sleeps (
  organization_id uuid not null references organizations (id),
  patient_id uuid not null references patients (id),
  id bigint generated always as identity,
  provider text not null,
  connection_id uuid,
  -- The vendor's id, else the start.
  vendor_key text not null,
  start_at timestamptz not null,
  end_at timestamptz not null,
  offset_minutes smallint,
  is_nap boolean not null default false,
  details jsonb not null,
  delivery_id bigint not null,
  withdrawn_at timestamptz,
  primary key (patient_id, id),
  unique nulls not distinct (patient_id, provider, connection_id, vendor_key)
);
create index sleeps_by_start on sleeps (patient_id, start_at desc, id desc);

create table workouts (
  organization_id uuid not null references organizations (id),
  patient_id uuid not null references patients (id),
  id bigint generated always as identity,
  provider text not null,
  connection_id uuid,
  vendor_key text not null,
  start_at timestamptz not null,
  end_at timestamptz not null,
  offset_minutes smallint,
  sport text not null,
  details jsonb not null,
  delivery_id bigint not null,
  withdrawn_at timestamptz,
  primary key (patient_id, id),
  unique nulls not distinct (patient_id, provider, connection_id, vendor_key)
);
create index workouts_by_start on workouts (patient_id, start_at desc, id desc);

create table treatments (
  organization_id uuid not null references organizations (id),
  patient_id uuid not null references patients (id),
  id bigint generated always as identity,
  provider text not null,
  connection_id uuid,
  -- The vendor's id, else kind and time.
  vendor_key text not null,
  start_at timestamptz not null,
  offset_minutes smallint,
  kind text not null,
  details jsonb not null,
  delivery_id bigint not null,
  withdrawn_at timestamptz,
  primary key (patient_id, id),
  unique nulls not distinct (patient_id, provider, connection_id, vendor_key)
);
create index treatments_by_start on treatments (patient_id, start_at desc, id desc);

-- The change feed. A reader takes rows whose transaction is older than every running one, so none is overtaken.
create table changes (
  organization_id uuid not null references organizations (id),
  patient_id uuid not null references patients (id),
  id bigint generated always as identity,
  transaction_id xid8 not null default pg_current_xact_id(),
  kind text not null check (kind in ('samples', 'sleep', 'workout', 'treatment', 'connection')),
  metric smallint,
  connection_id uuid,
  from_at timestamptz,
  to_at timestamptz,
  count integer not null,
  delivery_id bigint,
  created_at timestamptz not null default now(),
  primary key (patient_id, id)
);
create index changes_in_order on changes (transaction_id, id);

-- Who did what to whose data. Never a health value. Insert only.
create table audit_log (
  organization_id uuid,
  id bigint generated always as identity primary key,
  at timestamptz not null default clock_timestamp(),
  actor_user_id uuid,
  action text not null,
  patient_id uuid,
  object_type text,
  object_id text,
  outcome text not null default 'done',
  request_id text
);
create index audit_log_by_patient on audit_log (patient_id, id);

-- Policies: islet_app sees its transaction's organization and nothing else; no organization set means nothing at all.
do $$
declare name text;
begin
  foreach name in array array[
    'users', 'patients', 'grants', 'connections', 'provider_accounts', 'credentials', 'deliveries', 'series', 'samples',
    'sleeps', 'workouts', 'treatments', 'changes', 'audit_log', 'sessions', 'oauth_states'
  ] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format(
      'create policy tenant on %I to islet_app using (organization_id = (select app_organization_id()))
       with check (organization_id = (select app_organization_id()))', name);
  end loop;
  foreach name in array array['organizations', 'delivery_keys', 'provider_subscriptions', 'vault_key_checks'] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
  end loop;
  execute 'create policy tenant on organizations to islet_app using (id = (select app_organization_id()))';
  -- islet_system works before or across tenants: sign-in, callbacks, webhooks, the scheduler. It never reads measurements.
  foreach name in array array[
    'organizations', 'users', 'patients', 'grants', 'sessions', 'provider_accounts', 'oauth_states', 'deliveries',
    'delivery_keys', 'provider_subscriptions', 'vault_key_checks', 'audit_log', 'connections', 'credentials', 'changes'
  ] loop
    execute format('create policy system on %I to islet_system using (true) with check (true)', name);
  end loop;
end $$;

-- Some vendors let their data be shown to the person alone (Strava's API agreement). A transaction that serves somebody else names
-- them in app.hidden_providers, and their rows are not there for it.
create function app_hidden_providers() returns text[] language sql stable parallel safe
  as $$ select string_to_array(coalesce(current_setting('app.hidden_providers', true), ''), ',') $$;
do $$
declare name text;
begin
  foreach name in array array['series', 'sleeps', 'workouts', 'treatments', 'deliveries'] loop
    execute format('create policy owner_only on %I as restrictive to islet_app using (provider <> all ((select app_hidden_providers())::text[]))', name);
  end loop;
end $$;

grant usage on schema public to islet_app, islet_system;
grant select on organizations to islet_app;
grant select, insert, update, delete on users, patients, grants, connections, provider_accounts, credentials, deliveries, series,
  samples, sleeps, workouts, treatments, sessions, oauth_states to islet_app;
grant select, insert on changes, audit_log to islet_app;

grant select, insert, update on organizations, users, patients, grants to islet_system;
grant select, insert, delete on sessions, oauth_states to islet_system;
grant select on provider_accounts, connections to islet_system;
-- The refresh sweep needs to know which tokens expire, never the tokens.
grant select (organization_id, patient_id, connection_id, expires_at, refresh_retry_at) on credentials to islet_system;
grant select, insert, update, delete on deliveries, delivery_keys to islet_system;
-- The inbox takes its ids before it inserts, to put the delivery and its key into one statement.
grant usage on sequence deliveries_id_seq to islet_system;
grant select, insert, update on provider_subscriptions, vault_key_checks to islet_system;
grant select on changes to islet_system;
grant insert on audit_log to islet_system;

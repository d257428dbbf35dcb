-- When each resource of a connection is due, and what all processes share about a vendor: how many calls are spent, whom to leave alone.

-- One resource of one connection. Without a row it is due by its cursor alone.
create table sync_plan (
  organization_id uuid not null references organizations (id),
  patient_id uuid not null,
  connection_id uuid not null,
  resource text not null,
  -- When it is asked for again; null: never by itself.
  due_at timestamptz,
  -- Failures of this resource in a row, and the code of the last one.
  failures integer not null default 0,
  last_error text,
  primary key (patient_id, connection_id, resource),
  foreign key (patient_id, connection_id) references connections (patient_id, id) on delete cascade
);
alter table sync_plan enable row level security;
alter table sync_plan force row level security;
create policy tenant on sync_plan to islet_app using (organization_id = (select app_organization_id()))
  with check (organization_id = (select app_organization_id()));
grant select, insert, update, delete on sync_plan to islet_app;

-- Calls spent in the present window of a limit, by the app or by one connection, whichever process made them.
create table call_budgets (
  provider text not null,
  -- 'app', or the connection that the vendor counts by.
  whom text not null,
  -- The limit in words, e.g. '100/900': another limit counts anew.
  limit_key text not null,
  window_index bigint not null,
  ends_at timestamptz not null,
  used integer not null,
  -- What the last taker got.
  granted integer not null,
  primary key (provider, whom, limit_key)
);
create index call_budgets_over on call_budgets (ends_at);

-- Whom to leave alone: after a 429 until then, after many failures until somebody has tried once.
create table vendor_states (
  provider text not null,
  -- 'app', or the connection where the vendor counts by connection.
  whom text not null,
  held_until timestamptz,
  -- How the last calls ended, oldest first: 1 answered, 0 failed.
  outcomes text not null default '',
  -- How often the circuit opened without closing again; 0 while it is closed.
  opened integer not null default 0,
  retry_at timestamptz,
  -- Until then somebody tries whether the vendor is back.
  probe_until timestamptz,
  updated_at timestamptz not null default now(),
  primary key (provider, whom)
);

do $$
declare name text;
begin
  foreach name in array array['call_budgets', 'vendor_states'] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('create policy system on %I to islet_system using (true) with check (true)', name);
    execute format('grant select, insert, update, delete on %I to islet_system', name);
  end loop;
end $$;

-- When the person was told that the vendor wants them again; null while it does not. Told once in each such time.
alter table connections add column reconnect_told_at timestamptz;
update connections set reconnect_told_at = now() where status = 'needs_reauthorization';

-- A vendor that serves its API no more retires the connections to it.
alter table connections drop constraint connections_status_check;
alter table connections add constraint connections_status_check
  check (status in ('active', 'limited', 'needs_reauthorization', 'error', 'revoked', 'disconnected', 'retired'));

-- Ways in besides OAuth: several connections of one vendor for a person (an aggregator's vendors, several phones), and devices that
-- send with tokens of their own.

-- '' where a vendor is connected once at most; else what tells its connections apart.
alter table connections add column slot text not null default '';
drop index connections_one_open_per_provider;
create unique index connections_one_open_per_provider on connections (patient_id, provider, slot) where disconnected_at is null;

-- What a paired device proves itself with; only the digest rests here. Read before the tenant is known.
create table device_tokens (
  token_hash bytea primary key,
  organization_id uuid not null references organizations (id),
  patient_id uuid not null,
  connection_id uuid not null,
  created_at timestamptz not null default now(),
  foreign key (patient_id, connection_id) references connections (patient_id, id)
);
create index device_tokens_by_connection on device_tokens (patient_id, connection_id);

alter table device_tokens enable row level security;
alter table device_tokens force row level security;
create policy tenant on device_tokens to islet_app using (organization_id = (select app_organization_id()))
  with check (organization_id = (select app_organization_id()));
create policy system on device_tokens to islet_system using (true) with check (false);
grant select, insert, delete on device_tokens to islet_app;
grant select on device_tokens to islet_system;

-- Sharing: grants with their origin, offers to people by e-mail, and access in an emergency.

alter table grants add column kind text not null default 'shared' check (kind in ('shared', 'break_glass'));
alter table grants add column granted_by uuid references users (id);
alter table grants add column created_at timestamptz not null default now();

-- A patient's offer to whoever proves to own the address. Equal for addresses that have an account and for those that have none.
create table grant_offers (
  organization_id uuid not null references organizations (id),
  patient_id uuid not null references patients (id),
  id uuid not null default gen_random_uuid(),
  email text not null check (email = lower(email)),
  scope text not null check (scope in ('view', 'upload', 'manage')),
  -- Until when the grant will hold.
  valid_to timestamptz not null default 'infinity',
  offered_by uuid not null references users (id),
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  primary key (patient_id, id),
  unique (patient_id, email)
);
create index grant_offers_by_email on grant_offers (email);

-- Access to a patient in an emergency, without the patient's grant: why, how long, and who looked at it afterwards.
create table break_glass_accesses (
  organization_id uuid not null references organizations (id),
  patient_id uuid not null references patients (id),
  id uuid not null default gen_random_uuid(),
  user_id uuid not null references users (id),
  reason text not null check (reason in ('emergency', 'patient_unable', 'public_duty', 'other')),
  explanation text not null,
  begun_at timestamptz not null,
  until timestamptz not null,
  reviewed_at timestamptz,
  reviewed_by uuid references users (id),
  verdict text check (verdict in ('justified', 'not_justified')),
  primary key (patient_id, id)
);
create index break_glass_open on break_glass_accesses (organization_id, begun_at) where reviewed_at is null;

do $$
declare name text;
begin
  foreach name in array array['grant_offers', 'break_glass_accesses'] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('create policy tenant on %I to islet_worker using (organization_id = (select app_organization_id()))
      with check (organization_id = (select app_organization_id()))', name);
  end loop;
end $$;
grant select, insert, delete on grant_offers to islet_worker;
grant select, insert on break_glass_accesses to islet_worker;
grant update (until, reviewed_at, reviewed_by, verdict) on break_glass_accesses to islet_worker;

-- Consent: what a person was asked, in which words, and what they decided, as events that are only ever added (docs/consent.md).

-- Texts that an organization asks in, in place of those that come with Islet (src/people/consent/texts.ts). A version is published in both languages at once.
create table consent_texts (
  organization_id uuid not null references organizations (id),
  purpose text not null check (purpose ~ '^(storage|sharing|research|vendor|vendor:[a-z0-9-]{1,40})$'),
  version integer not null check (version > 0),
  locale text not null check (locale in ('en', 'es')),
  text text not null check (length(text) between 20 and 20000),
  -- SHA-256 of the text: what a decision names as its evidence.
  hash bytea not null check (hash = sha256(convert_to(text, 'UTF8'))),
  valid_from timestamptz not null default now(),
  published_by uuid references users (id),
  created_at timestamptz not null default now(),
  primary key (organization_id, purpose, version, locale)
);

create table consents (
  organization_id uuid not null references organizations (id),
  patient_id uuid not null references patients (id),
  id bigint generated always as identity,
  purpose text not null check (purpose ~ '^(storage|sharing|research|vendor:[a-z0-9-]{1,40})$'),
  -- `unrecorded`: went on already when consents began to be kept; holds until the person decides.
  decision text not null check (decision in ('given', 'withdrawn', 'unrecorded')),
  -- The text that was shown, by its version, language and SHA-256; null where there was none.
  version integer,
  locale text check (locale in ('en', 'es')),
  text_hash bytea check (octet_length(text_hash) = 32),
  at timestamptz not null default clock_timestamp(),
  -- Who decided, and whether on behalf of the person.
  by_user_id uuid references users (id),
  is_on_behalf boolean not null default false,
  via text not null check (via in ('page', 'api', 'import', 'operator', 'migration', 'demo')),
  address_hash text check (address_hash ~ '^[0-9a-f]{32}$'),
  request_id text check (length(request_id) <= 128),
  primary key (patient_id, id),
  check (decision <> 'given' or (version is not null and text_hash is not null and locale is not null))
);
create index consents_latest on consents (patient_id, purpose, id desc);

-- Nobody's consent is made up: what went on before goes on, and says so.
alter table patients no force row level security;
alter table connections no force row level security;
insert into consents (organization_id, patient_id, purpose, decision, via)
  select organization_id, id, purpose, 'unrecorded', 'migration' from patients cross join unnest(array['storage', 'sharing']) as purpose order by id, purpose;
insert into consents (organization_id, patient_id, purpose, decision, via)
  select distinct organization_id, patient_id, 'vendor:' || provider, 'unrecorded', 'migration' from connections where disconnected_at is null order by 1, 2, 3;
alter table patients force row level security;
alter table connections force row level security;

do $$
declare name text;
begin
  foreach name in array array['consent_texts', 'consents'] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('create policy tenant on %I to islet_app, islet_worker using (organization_id = (select app_organization_id()))
      with check (organization_id = (select app_organization_id()))', name);
  end loop;
end $$;
create policy person on consents as restrictive to islet_app using (patient_id in (select app_patients()));
create policy tenant_read on consents for select to islet_read using (organization_id = (select app_organization_id()));
create policy tenant_read on consent_texts for select to islet_read using (organization_id = (select app_organization_id()));
-- Where a decision came from is for those alone who must prove it.
grant select (organization_id, patient_id, id, purpose, decision, version, locale, text_hash, at, by_user_id, is_on_behalf, via) on consents to islet_app, islet_read;
grant select (organization_id, purpose, version, locale, text, valid_from, published_by, created_at) on consent_texts to islet_app, islet_read;
-- The worker reads all of both.
grant select, insert on consents, consent_texts to islet_worker;

-- Sweeps: their trials, and the stages that trials share.

create table sweeps (
    number integer generated always as identity primary key,
    id text not null unique,
    name text not null,
    project text not null,
    definition text not null,
    definition_hash text not null,
    metric text,
    goal text not null,
    maximum_attempts integer not null,
    -- Config keys that differ between trials.
    varied_keys text[] not null,
    created_at timestamptz not null default now()
);
create index sweeps_by_name on sweeps (name, number);

create table trials (
    sweep integer not null references sweeps on delete cascade,
    number integer not null,
    config jsonb not null,
    -- Keys of its stages, first to last.
    stages text[] not null,
    primary key (sweep, number)
);

create table stages (
    sweep integer not null references sweeps on delete cascade,
    key text not null,
    -- Its place in the plan, which is the order of handing out.
    position integer not null,
    name text not null,
    -- Key of the stage whose output it needs.
    input text,
    title text not null,
    config jsonb not null,
    run text not null unique,
    state text not null default 'pending',
    attempts integer not null default 0,
    maximum_attempts integer not null,
    fence bigint not null default 0,
    claimant jsonb,
    process jsonb,
    directory text,
    lease_ends timestamptz,
    message text,
    primary key (sweep, key)
);
create index stages_by_position on stages (sweep, state, position);

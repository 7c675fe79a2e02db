-- Sweeps whose configurations are drawn while they run, one by one, by whoever asks: W&B's agents.

alter table sweeps
    -- True where runs are drawn by agents and not planned as stages.
    add column is_drawn boolean not null default false,
    add column method text not null default 'grid',
    -- RUNNING, PAUSED, FINISHED or CANCELED, of drawn sweeps.
    add column state text not null default 'RUNNING',
    -- FINISHED because the search has nothing more to draw, not because a person said so.
    add column is_exhausted boolean not null default false,
    -- Configurations drawn so far; the next one's seed is made of it.
    add column drawn integer not null default 0,
    add column description text,
    add column updated_at timestamptz not null default now();

create table agents (
    id text primary key,
    sweep integer not null references sweeps on delete cascade,
    host text,
    created_at timestamptz not null default now(),
    heartbeat_at timestamptz not null default now()
);
create index agents_by_sweep on agents (sweep);

-- Which agent was given which run.
create table assignments (
    run integer primary key references runs on delete cascade,
    agent text not null references agents on delete cascade,
    -- How often the agent was told to run it: an answer may be lost on its way.
    sent smallint not null default 1,
    -- The agent has said that it runs.
    is_started boolean not null default false,
    -- The agent was told to stop it.
    is_stopped boolean not null default false,
    -- The agent runs it no longer.
    is_over boolean not null default false
);
create index assignments_by_agent on assignments (agent) where not is_over;

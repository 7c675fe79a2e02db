/// Trials that are done, put into a sweep of ``SweepFiles/search(_:)`` by SQL in the shape that claims and reports leave
/// behind.
enum DoneTrials {
    static func sql(sweep: String, count: Int) -> String {
        """
        create temporary table filled as
        select w.number as sweep, w.id, w.project, i, 'filled-' || w.id || '-' || i as run, md5(w.id || i) as key,
            jsonb_build_object('lr', exp(ln(1e-5) * random()), 'x', random(), 'y', random() * 10 - 5,
                'depth', 1 + floor(random() * 16), 'kind', (array['a', 'b', 'c', 'd'])[1 + floor(random() * 4)::int],
                'drop', floor(random() * 11) * 0.05) as config, random() * 10 as loss
        from sweeps w, generate_series(1, \(count)) i where w.id = '\(sweep)';
        insert into trials (sweep, number, config, stages) select sweep, i, config, array[key] from filled;
        insert into stages (sweep, key, position, name, title, config, run, state, attempts, maximum_attempts, fence,
            is_ready, trial, trials_ended, done_order, seconds)
        select sweep, key, i, 'run', 'trial ' || i, config, run, 'done', 1, 3, 1, true, i, 1, nextval('stages_done'), 1
        from filled;
        insert into runs (id, handle, project, name, sweep, state, config, summary, attempt, started_at, finished_at)
        select run, run, project, 'trial ' || i, id, 'finished', config, jsonb_build_object('loss', loss), 1, now(), now()
        from filled;
        insert into metrics (name) values ('loss') on conflict do nothing;
        insert into series (run, metric, stream, count, first_step, last, last_step, last_attempt, last_sequence,
            minimum, maximum, rising)
        select r.number, m.id, 0, 1, 0, f.loss, 0, 1, 2, f.loss, f.loss, true
        from filled f join runs r on r.id = f.run join metrics m on m.name = 'loss';
        """
    }
}

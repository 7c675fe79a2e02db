import Experiment

/// The script that each task of an array runs: it finds its claim, starts the trainer, passes on that time is up, and
/// puts itself back into the queue.
package struct SlurmScript: Sendable, Hashable {
    /// What one task runs.
    package struct Task: Sendable, Hashable {
        /// Absolute.
        package var directory: String
        /// Of the claim; each restart by Slurm is the next.
        package var attempt: Int
        /// The program and its arguments, as they arrive.
        package var command: [String]
        package var environment: [String: String]
        /// Where another program than our trainer runs; nil for our trainer, which runs in `directory`, writes its own
        /// result and goes on from its checkpoint when it is started again.
        package var programFolder: String?

        package init(
            directory: String, attempt: Int, command: [String], environment: [String: String] = [:],
            programFolder: String? = nil
        ) {
            self.directory = directory
            self.attempt = attempt
            self.command = command
            self.environment = environment
            self.programFolder = programFolder
        }
    }

    /// `EX_TEMPFAIL`: the script wanted to be requeued and was not; or its program's time was up, which nothing is
    /// gained by beginning again.
    package static let requeueFailed: Int32 = 75
    /// Restarts after which the script gives up requeueing itself: a trainer that saves nothing would go on for ever.
    package static let mostRestarts = 1000

    package var tasks: [Task]

    package init(tasks: [Task]) { self.tasks = tasks }

    /// Name of the link in a run's directory that says which job has started an attempt. It is made by the job, once:
    /// if one submission reached Slurm twice, the job that comes second finds it and ends.
    package static func ownerLink(attempt: Int) -> String { "slurm-\(attempt)" }

    package var text: String {
        var cases = ""
        for (number, task) in tasks.enumerated() {
            cases += "\(number))\n    directory=\(SlurmScript.quoted(task.directory)) attempt=\(task.attempt)\n"
            cases += "    program_folder=\(task.programFolder.map(SlurmScript.quoted) ?? "")\n"
            for (name, value) in task.environment.sorted(by: { $0.key < $1.key }) {
                cases += "    export \(name)=\(SlurmScript.quoted(value))\n"
            }
            cases += "    command=(\(task.command.map(SlurmScript.quoted).joined(separator: " ")))\n    ;;\n"
        }
        return "#!/bin/bash\n# Written by sweeper for one array of jobs; settings lie in each run's directory.\n"
            + "case ${SLURM_ARRAY_TASK_ID:-0} in\n\(cases)*)\n    exit 2 ;;\nesac\n" + SlurmScript.body
    }

    /// The word as the shell reads it back, whatever is in it.
    package static func quoted(_ word: String) -> String {
        "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: #"'\''"#) + "'"
    }

    private static let body = #"""
        me=${SLURM_ARRAY_JOB_ID:-$SLURM_JOB_ID}${SLURM_ARRAY_TASK_ID:+_$SLURM_ARRAY_TASK_ID}
        restarts=${SLURM_RESTART_COUNT:-0}
        cd "$directory" || exit 1
        exec >>"$directory/output.log" 2>&1 </dev/null
        owner="$directory/slurm-$attempt"
        ln -s "$me" "$owner" 2>/dev/null || [ "$(readlink "$owner")" = "$me" ] || exit 0
        export SAGA_ATTEMPT=$((attempt + restarts))
        export SAGA_THREADS="${SLURM_CPUS_PER_TASK:-1}"
        # The trainer divides its work itself.
        threads=1
        [ -z "$program_folder" ] || threads=$SAGA_THREADS
        export OPENBLAS_NUM_THREADS=$threads OMP_NUM_THREADS=$threads MKL_NUM_THREADS=$threads
        echo "slurm job $me, restart $restarts, attempt $SAGA_ATTEMPT on ${SLURMD_NODENAME:-$(hostname)}"

        [ -z "$program_folder" ] || cd "$program_folder" || exit 1
        # Bash runs a trap only when nothing is in the foreground: the trainer works in the background.
        time_is_up=
        trap 'time_is_up=1; kill -TERM "$trainer" 2>/dev/null' USR1
        # Slurm itself tells the trainer. The script must outlive it, or its checkpoint would be cut off.
        trap 'ended=1' TERM
        "${command[@]}" &
        trainer=$!
        # Set if the signal came before the trainer was there.
        [ -n "$time_is_up" ] && kill -TERM "$trainer" 2>/dev/null
        while true; do
            wait "$trainer"
            code=$?
            kill -0 "$trainer" 2>/dev/null || break
        done
        if [ -n "$program_folder" ]; then
            # A trainer writes its result itself.
            state=failed
            [ "$code" -eq 0 ] && state=finished
            [ -n "$time_is_up" ] && [ "$code" -ne 0 ] && code=75
            printf '{"attempt":%d,"exitCode":%d,"state":"%s"}\n' "$SAGA_ATTEMPT" "$code" "$state" \
                >"$directory/result.tmp" && mv "$directory/result.tmp" "$directory/result.json"
            exit "$code"
        fi
        [ -z "$time_is_up" ] || [ "$code" -eq 0 ] && exit "$code"
        [ -n "$ended" ] && exit "$code"
        [ "$restarts" -lt 1000 ] || exit 75
        for pause in 1 2 4 8 15 30; do
            # Slurm ends this script as it requeues it.
            scontrol requeue "$SLURM_JOB_ID" && sleep 60
            [ -n "$ended" ] && exit "$code"
            sleep "$pause" & wait $!
        done
        exit 75

        """#
}

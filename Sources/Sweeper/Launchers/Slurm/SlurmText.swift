/// Reads what `squeue`, `sacct` and `scontrol` print as text. Lines that make no sense are passed over: Slurm's
/// commands mix notes into what they print, and what is not shown is asked for again.
package enum SlurmText {
    /// For `squeue --noheader --states=all --format`.
    package static let squeueFormat = "%i|%F|%K|%T|%r|%j"
    /// For `sacct --parsable2 --noheader --format`.
    package static let sacctFields = "JobID,JobName,State,ExitCode"

    package static func squeue(_ text: String) -> [SlurmJob] {
        lines(text).flatMap { line -> [SlurmJob] in
            let fields = line.split(separator: "|", maxSplits: 5, omittingEmptySubsequences: false).map(String.init)
            guard fields.count == 6, isID(fields[1]), let state = SlurmState(words: [fields[3]]) else { return [] }
            // A waiting rest of an array: 1_[4-5%4], long ones cut off in the middle in %i, not in %K.
            let job = SlurmJob(array: fields[1], task: nil, name: fields[5], state: state, reason: fields[4])
            return job.expanded(tasks: fields[2])
        }
    }

    package static func sacct(_ text: String) -> [SlurmJob] {
        lines(text).flatMap { line -> [SlurmJob] in
            let fields = line.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
            // Steps, as 12.batch and 12_3.0, are parts of a job. A name may hold bars.
            guard fields.count >= 4, !fields[0].contains("."), let state = SlurmState(words: [fields[fields.count - 2]])
            else { return [] }
            let parts = fields[0].split(separator: "_", maxSplits: 1).map(String.init)
            guard let array = parts.first, isID(array) else { return [] }
            let end = exit(fields[fields.count - 1])
            let job = SlurmJob(
                array: array, task: nil, name: fields[1..<(fields.count - 2)].joined(separator: "|"), state: state,
                exitCode: end?.code, signal: end?.signal)
            return job.expanded(tasks: parts.count > 1 ? parts[1] : nil)
        }
    }

    /// `scontrol show job --oneliner`.
    package static func scontrol(_ text: String) -> [SlurmJob] {
        lines(text).flatMap { line -> [SlurmJob] in
            var fields: [Substring: Substring] = [:]
            for word in line.split(separator: " ") {
                let pair = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                // The first wins: what people wrote, such as a comment, stands behind and may imitate fields.
                if pair.count == 2, fields[pair[0]] == nil { fields[pair[0]] = pair[1] }
            }
            guard let id = fields["JobId"].map(String.init), isID(id),
                let state = fields["JobState"].flatMap({ SlurmState(words: [String($0)]) })
            else { return [] }
            let end = fields["ExitCode"].flatMap { exit(String($0)) }
            let job = SlurmJob(
                array: fields["ArrayJobId"].map(String.init) ?? id, task: nil,
                name: fields["JobName"].map(String.init) ?? "", state: state,
                reason: fields["Reason"].map(String.init), restarts: fields["Restarts"].flatMap { Int($0) },
                exitCode: end?.code, signal: end?.signal)
            return job.expanded(tasks: fields["ArrayTaskId"].map(String.init))
        }
    }

    private static func lines(_ text: String) -> [Substring] { text.split(whereSeparator: \.isNewline) }
    private static func isID(_ text: String) -> Bool { !text.isEmpty && text.allSatisfy { $0.isASCII && $0.isNumber } }

    /// `3:0`: exit code and signal.
    private static func exit(_ text: String) -> (code: Int32, signal: Int32)? {
        let parts = text.split(separator: ":").map { Int32($0) }
        guard parts.count == 2, let code = parts[0], let signal = parts[1] else { return nil }
        return (code, signal)
    }
}

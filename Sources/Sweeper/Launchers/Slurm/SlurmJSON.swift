import Experiment

/// Reads the JSON of `squeue --json` and `sacct --json`.
///
/// Its shape follows Slurm's version: plain numbers and strings up to data_parser v0.0.38 (22.05), later numbers as
/// `{"set": true, "infinite": false, "number": 3}`, states as arrays, exit codes as objects.
package enum SlurmJSON {
    /// Nil when it is not the JSON of a list of jobs.
    package static func jobs(_ text: String) -> [SlurmJob]? {
        guard let document = try? JSONParser.parse(text).object, let jobs = document["jobs"]?.array else { return nil }
        return jobs.flatMap { $0.object.map(read) ?? [] }
    }

    private static func read(_ job: [String: JSONValue]) -> [SlurmJob] {
        guard let id = number(job["job_id"]), let state = SlurmState(words: stateWords(job)) else { return [] }
        let array = job["array"]?.object
        let arrayID = number(job["array_job_id"] ?? array?["job_id"]) ?? 0
        let end = exit(job["exit_code"])
        let record = SlurmJob(
            array: String(arrayID == 0 ? id : arrayID), task: nil, name: job["name"]?.string ?? "", state: state,
            reason: job["state_reason"]?.string ?? job["state"]?.object?["reason"]?.string,
            restarts: number(job["restart_cnt"]).map(Int.init), exitCode: end.code, signal: end.signal)
        guard arrayID != 0 else { return [record] }
        // Of the tasks that wait there is one record: their list is a text, their number nothing or 0.
        let waiting = (job["array_task_string"] ?? array?["task"])?.string ?? ""
        if !waiting.isEmpty { return record.expanded(tasks: waiting) }
        return record.expanded(tasks: number(job["array_task_id"] ?? array?["task_id"]).map { String($0) })
    }

    private static func stateWords(_ job: [String: JSONValue]) -> [String] {
        let value = job["job_state"] ?? job["state"]?.object?["current"]
        return value?.array?.compactMap(\.string) ?? value?.string.map { [$0] } ?? []
    }

    private static func number(_ value: JSONValue?) -> Int64? {
        guard let members = value?.object else { return value?.integer }
        return members["set"]?.bool == true && members["infinite"]?.bool != true ? members["number"]?.integer : nil
    }

    private static func exit(_ value: JSONValue?) -> (code: Int32?, signal: Int32?) {
        if let members = value?.object {
            let signal = members["signal"]?.object
            return (
                number(members["return_code"]).map { Int32(truncatingIfNeeded: $0) },
                number(signal?["id"] ?? signal?["signal_id"]).map { Int32(truncatingIfNeeded: $0) }
            )
        }
        // As wait(2) has it.
        return number(value).map { (Int32(truncatingIfNeeded: $0 >> 8) & 0xFF, Int32(truncatingIfNeeded: $0 & 0x7F)) }
            ?? (nil, nil)
    }
}

/// One job, or one task of an array, as a command of Slurm showed it.
package struct SlurmJob: Sendable, Hashable {
    /// The array's id, or the job's own where it is no array. The last task to start of an array has the array's id as
    /// its own job id, so that only this pair tells tasks apart.
    package var array: String
    package var task: Int?
    package var name: String
    package var state: SlurmState
    /// Why it waits, or ended.
    package var reason: String?
    /// Nil where the source does not tell.
    package var restarts: Int?
    package var exitCode: Int32?
    package var signal: Int32?

    package init(
        array: String, task: Int?, name: String, state: SlurmState, reason: String? = nil, restarts: Int? = nil,
        exitCode: Int32? = nil, signal: Int32? = nil
    ) {
        self.array = array
        self.task = task
        self.name = name
        self.state = state
        self.reason = reason
        self.restarts = restarts
        self.exitCode = exitCode
        self.signal = signal
    }

    /// As `1234` or `1234_5`.
    package var id: String { task.map { "\(array)_\($0)" } ?? array }
    /// As its submission's name and its place in it: what is known before Slurm has answered.
    package var namedID: String { task.map { "\(name)_\($0)" } ?? name }

    static let mostTasks = 1 << 20

    /// Tasks of `4`, `4-5%4`, `1,3,5-9:2%2`, with or without brackets; nil when it is none of these.
    package static func tasks(_ text: some StringProtocol) -> [Int]? {
        let list = String(text.prefix { $0 != "%" }.filter { $0 != "[" && $0 != "]" })
        var tasks: [Int] = []
        for part in list.split(separator: ",", omittingEmptySubsequences: false) {
            let pieces = part.split(separator: ":", omittingEmptySubsequences: false)
            let ends = pieces[0].split(separator: "-", omittingEmptySubsequences: false).map { Int(String($0)) }
            let step = pieces.count == 2 ? Int(String(pieces[1])) : 1
            guard let step, step > 0, pieces.count < 3, (1...2).contains(ends.count), let first = ends[0],
                let last = ends[ends.count - 1], first >= 0, last >= first,
                tasks.count + (last - first) / step < mostTasks
            else { return nil }
            tasks += stride(from: first, through: last, by: step)
        }
        return tasks.isEmpty ? nil : tasks
    }

    /// One job for each of the tasks that `text` names; this job alone when it names none.
    func expanded(tasks text: String?) -> [SlurmJob] {
        guard let text, let tasks = SlurmJob.tasks(text) else { return [self] }
        return tasks.map { task in
            var job = self
            job.task = task
            return job
        }
    }
}

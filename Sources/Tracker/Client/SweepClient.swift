package import Experiment
import FoundationEssentials

/// Asks the tracker about sweeps and reports to it. Every call throws a ``TrackerClientError``.
package actor SweepClient {
    private let executor = QueueExecutor(label: "saga.sweep-client")
    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private let address: TrackerAddress
    private var connected: HTTPClient?

    package init(address: TrackerAddress) { self.address = address }

    package func create(_ request: CreateSweepRequest) throws(TrackerClientError) -> CreateSweepResponse {
        try required(.post, "/api/v1/sweeps", request, as: CreateSweepResponse.self)
    }

    /// All sweeps, newest first; only those called `name` when given.
    package func sweeps(name: String? = nil) throws(TrackerClientError) -> [SweepSummary] {
        let filter = name.map { "?name=" + percentEncoded($0) } ?? ""
        return try required(.get, "/api/v1/sweeps" + filter, as: [SweepSummary].self)
    }

    package func sweep(_ idOrName: String) throws(TrackerClientError) -> SweepSummary {
        try required(.get, "/api/v1/sweeps/" + percentEncoded(idOrName), as: SweepSummary.self)
    }

    package func definition(sweep: String) throws(TrackerClientError) -> DefinitionText {
        try required(.get, "/api/v1/sweeps/\(percentEncoded(sweep))/definition", as: DefinitionText.self)
    }

    package func stages(sweep: String) throws(TrackerClientError) -> [StageStatus] {
        try required(.get, "/api/v1/sweeps/\(percentEncoded(sweep))/stages", as: [StageStatus].self)
    }

    /// The next stages to run, as many as are ready now up to the request's limit.
    package func claims(sweep: String, _ request: ClaimRequest) throws(TrackerClientError) -> ClaimResponse {
        try required(.post, "/api/v1/sweeps/\(percentEncoded(sweep))/claims", request, as: ClaimResponse.self)
    }

    /// The next stage to run; nil when none is ready now.
    package func claim(sweep: String, _ request: ClaimRequest) throws(TrackerClientError) -> StageClaim? {
        var request = request
        request.limit = 1
        return try claims(sweep: sweep, request).claims.first
    }

    /// Stages of the project that are done already, by any sweep.
    package func reusable(_ request: ReuseRequest) throws(TrackerClientError) -> [StageReuse] {
        try required(.post, "/api/v1/sweeps/reuse", request, as: [StageReuse].self)
    }

    /// Run directories of the project that nothing needs any more.
    package func unneeded(project: String) throws(TrackerClientError) -> [UnneededRun] {
        try required(.get, "/api/v1/sweeps/unneeded?project=\(percentEncoded(project))", as: [UnneededRun].self)
    }

    package func trials(sweep: String) throws(TrackerClientError) -> [TrialStatus] {
        try required(.get, "/api/v1/sweeps/\(percentEncoded(sweep))/trials", as: [TrialStatus].self)
    }

    /// Pauses, resumes or cancels.
    package func edit(sweep: String, _ edit: SweepEdit) throws(TrackerClientError) -> SweepSummary {
        try required(.patch, "/api/v1/sweeps/\(percentEncoded(sweep))", edit, as: SweepSummary.self)
    }

    package func retry(sweep: String, _ request: RetryRequest) throws(TrackerClientError) -> RetryResponse {
        try required(.post, "/api/v1/sweeps/\(percentEncoded(sweep))/retry", request, as: RetryResponse.self)
    }

    package func extend(sweep: String, _ request: ExtendRequest) throws(TrackerClientError) -> ExtendResponse {
        try required(.post, "/api/v1/sweeps/\(percentEncoded(sweep))/extend", request, as: ExtendResponse.self)
    }

    /// Lines of a run's output, from line `first` on; empty where there are none yet.
    package func console(run: RunID, from first: Int64) throws(TrackerClientError) -> [OutputLine] {
        try required(
            .get, "/api/v1/runs/\(percentEncoded(run.rawValue))/console?from=\(first)", as: [OutputLine].self)
    }

    /// Throws code `stale_fence` when the claim is no longer ours.
    package func report(
        sweep: String, stageKey: String, _ report: StageReport
    ) throws(TrackerClientError) -> StageReportResponse {
        let path = "/api/v1/sweeps/\(percentEncoded(sweep))/stages/\(percentEncoded(stageKey))/reports"
        return try required(.post, path, report, as: StageReportResponse.self)
    }

    /// The newest finished runs of a kind, as far as `type` wants to know them.
    package func finishedRuns<Run: Decodable & Sendable>(
        project: String, jobType: String, as type: Run.Type
    ) throws(TrackerClientError) -> [Run] {
        let query = "project=\(percentEncoded(project))&job_type=\(percentEncoded(jobType))&state=finished&limit=1000"
        return try required(.get, "/api/v1/runs?" + query, as: [Run].self)
    }

    private func required<Answer: Decodable>(
        _ method: HTTPClient.Method, _ path: String, _ request: (some Encodable)? = Never?.none, as type: Answer.Type
    ) throws(TrackerClientError) -> Answer {
        guard let answer = try exchange(method, path, request, as: type) else {
            throw TrackerClientError(
                TrackerClientError.badAnswer, "the answer to \(path) is empty; check SAGA_URL", status: 204)
        }
        return answer
    }

    private func exchange<Answer: Decodable>(
        _ method: HTTPClient.Method, _ path: String, _ request: (some Encodable)?, as type: Answer.Type
    ) throws(TrackerClientError) -> Answer? {
        let body: Data?
        do {
            body = try request.map { try JSONCoding.encode($0) }
        } catch {
            throw TrackerClientError("bad_request", "the request cannot be written as JSON: \(error)")
        }
        return try client().exchange(method, path, body: body, as: type)
    }

    private func client() throws(TrackerClientError) -> HTTPClient {
        if let connected { return connected }
        let client = try HTTPClient(address: address)
        connected = client
        return client
    }
}

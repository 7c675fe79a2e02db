package import Experiment

extension TrackerStore {
    package func ingest(run: RunID, _ request: IngestRequest) async throws -> IngestResponse { fatalError() }
    package func runs(_ filter: RunFilter) async throws -> [RunSummary] { fatalError() }
    package func run(_ id: RunID) async throws -> RunSummary { fatalError() }
    package func best(_ query: BestQuery) async throws -> [BestRow] { fatalError() }
    package func compare(_ query: CompareQuery) async throws -> [CurvePoint] { fatalError() }
    package func metricNames(run: RunID) async throws -> [String] { fatalError() }
    package func history(run: RunID, metrics: [String]? = nil) async throws -> [MetricPoint] { fatalError() }
    package func distinctHistory(run: RunID, metrics: [String]? = nil) async throws -> [MetricPoint] { fatalError() }
    package func createSweep(plan: SweepPlan, new: Bool = false) async throws -> CreateSweepResponse { fatalError() }
    package func sweeps(name: String? = nil) async throws -> [SweepSummary] { fatalError() }
    package func sweep(idOrName: String) async throws -> SweepSummary { fatalError() }
    package func stages(sweep: String) async throws -> [StageStatus] { fatalError() }
    package func claim(sweep: String, _ request: ClaimRequest) async throws -> StageClaim? { fatalError() }
    package func report(sweep: String, stageKey: String, _ report: StageReport) async throws -> StageReportResponse {
        fatalError()
    }
    /// Gives every failed stage of the sweep another round of attempts; answers how many.
    package func retryFailedStages(sweep: String) async throws -> Int { fatalError() }
    package func registerFile(run: RunID, attempt: Int, _ file: RunFile) async throws { fatalError() }
    package func files(run: RunID, key: String? = nil) async throws -> [StoredFile] { fatalError() }
    package func files(sweep: String, key: String? = nil) async throws -> [StoredFile] { fatalError() }
}

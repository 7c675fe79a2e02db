import Experiment
import FoundationEssentials

/// Sends one attempt's log to the tracker, batch by batch.
///
/// It keeps no position on disk: the tracker ignores what it has and answers with the last record that it holds, so the
/// first batch tells where to go on.
final class RunLogUploader {
    /// Records and bytes of a batch; well below the server's limit for a request, and four of its full segments.
    static let batchRecords = 4 * 992
    static let batchBytes = 2 << 20

    private let directory: String
    private let run: RunID
    private let attempt: Int
    private let reader: RunLogReader
    private let client: HTTPClient
    private let warn: (String) -> Void
    private var batch: RunLogBatch?
    /// The last record that the tracker says it holds.
    private(set) var acknowledged: Int64 = 0

    init(
        directory: String, run: RunID, attempt: Int, client: HTTPClient, warn: @escaping (String) -> Void
    ) throws(TrackerClientError) {
        self.directory = directory
        self.run = run
        self.attempt = attempt
        self.client = client
        self.warn = warn
        reader = try RunLogReader(path: RunLog.path(directory: directory, attempt: attempt))
    }

    /// Sends the next batch; false when all that the log holds is acknowledged.
    ///
    /// After an error the same batch is sent again by the next call.
    func uploadBatch() throws(TrackerClientError) -> Bool {
        if batch == nil { batch = try reader.nextBatch(records: Self.batchRecords, bytes: Self.batchBytes) }
        guard let batch else { return false }
        for file in batch.files { try upload(file) }
        do {
            acknowledged = try send(batch)
        } catch let error where error.code == TrackerClientError.sequenceGap {
            guard let expected = error.expected, expected > 0, expected < batch.first else { throw error }
            acknowledged = expected - 1
        }
        self.batch = nil
        try reader.seek(after: acknowledged)
        guard reader.lastSequence == acknowledged else {
            throw TrackerClientError(
                TrackerClientError.unreadableLog,
                "the tracker holds \(acknowledged) records of run \(run), attempt \(attempt), but the log in "
                    + "\(directory) only \(reader.lastSequence); is it another run's directory?")
        }
        return true
    }

    private func send(_ batch: RunLogBatch) throws(TrackerClientError) -> Int64 {
        let answer = try client.exchange(
            .post, "/api/v1/runs/\(run)/records?attempt=\(attempt)", body: Data(batch.bytes),
            contentType: "application/x-saga-log", as: IngestResponse.self)
        guard let answer, answer.acknowledged >= batch.first - 1 else {
            throw TrackerClientError(
                TrackerClientError.badAnswer, "the tracker did not say what it holds of run \(run)", status: 200)
        }
        return answer.acknowledged
    }

    /// A file that cannot be had or is refused for good is passed over with a warning: it must not keep back the rest.
    private func upload(_ file: RunFile) throws(TrackerClientError) {
        guard let path = RelativePath(file.path) else {
            return warn("the file '\(file.path)' has a name that the tracker does not take; it is not uploaded")
        }
        guard let bytes = FileManager.default.contents(atPath: "\(directory)/\(path)") else {
            return warn("\(directory)/\(path): is gone; only its record is uploaded")
        }
        let place = path.names.map(percentEncoded).joined(separator: "/")
        let response = try client.send(
            .put, "/api/v1/runs/\(run)/files/\(place)", body: bytes, contentType: file.mediaType)
        guard !(200..<300).contains(response.status) else { return }
        let error = HTTPClient.refusal(response)
        guard !error.isTransient, response.status != 401, response.status != 403 else { throw error }
        warn("\(directory)/\(path): the tracker does not take it: \(error)")
    }
}

import Experiment

/// Records of a log that are sent together, as they lie in the file.
struct RunLogBatch {
    /// Sequence number of the first.
    let first: Int64
    private(set) var count = 0
    private(set) var bytes: [UInt8] = []
    /// Files among the records; their bytes must be uploaded before.
    private(set) var files: [RunFile] = []

    init(first: Int64) { self.first = first }

    mutating func append(_ frame: ArraySlice<UInt8>) {
        count += 1
        bytes += frame
        let file = frame.dropFirst(RunLogFrame.headerSize).withUnsafeBytes { payload -> RunFile? in
            guard RunLogPayload.mayBeFile(payload), let record = RunLogPayload(payload)?.sequencedRecord?.record,
                case .file(let file) = record
            else { return nil }
            return file
        }
        if let file { files.append(file) }
    }
}

import Tensor

/// Whole steps as graphs.
extension CUDABackend {
    /// Graphs that are kept. Batches of drawn lengths come in a few row counts a side, and each pair has its own.
    package static let mostGraphs = 64

    /// What `SAGA_GRAPHS` says: a number of graphs to keep, or `off`.
    package static func graphs(_ environment: [String: String]) throws(CUDAError) -> Int {
        guard let text = environment["SAGA_GRAPHS"], !text.isEmpty else { return mostGraphs }
        if text == "off" { return 0 }
        guard let count = Int(text), count >= 0 else {
            throw CUDAError(.invalidSetting, "SAGA_GRAPHS is '\(text)'; it may be a number of graphs to keep, or off")
        }
        return count
    }

    package func asStep<Result>(_ body: () throws -> Result) rethrows -> Result {
        guard recordsSteps, !device.isRecording else { return try body() }
        perform { () throws(TensorError) in
            try device.beginPass()
            try inputs.begin(isRecorded: true)
            device.begin()
        }
        defer {
            perform { () throws(TensorError) in try device.end() }
            device.abandon()
        }
        return try body()
    }

    package var fillsBatches: Bool { device.isRecording }
}

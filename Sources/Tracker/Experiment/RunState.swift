/// What has become of a run; the words are W&B's.
package enum RunState: String, Codable, Sendable, CaseIterable {
    case pending
    case running
    case finished
    case failed
    /// The process vanished without a word.
    case crashed
    /// Stopped on purpose.
    case killed

    package var isFinal: Bool {
        switch self {
        case .pending, .running: false
        case .finished, .failed, .crashed, .killed: true
        }
    }
}

import Dispatch
import Glibc
import Synchronization
import Tensor

/// The thread that notices when another rank ends before its time, whatever this one is busy with.
final class RankWatch: @unchecked Sendable {
    /// A connection, and whose life it tells of.
    struct Life {
        let rank: Int
        let socket: RankSocket
    }

    /// The last word: one of these, then for a failure the sentence.
    private enum Word: UInt8 {
        case leaves = 1
        case fails = 2
        /// It may go better another time.
        case failsThisTime = 3

        init(_ failure: RankError?) {
            self = failure.map { $0.isWorthRetrying ? .failsThisTime : .fails } ?? .leaves
        }
    }

    private struct State {
        var failure: RankError?
        var isClosing = false
    }

    private let lives: [Life]
    private let state = Mutex(State())
    private let ended = DispatchSemaphore(value: 0)
    /// How a rank that has died without a word ended, if that is known here.
    private let fate: @Sendable (Int) -> String?
    /// Called once, on the watch's thread, when a rank has failed.
    private let onFailure: @Sendable (RankError) -> Void

    init(
        _ lives: [Life], fate: @escaping @Sendable (Int) -> String?, onFailure: @escaping @Sendable (RankError) -> Void
    ) {
        self.lives = lives
        self.fate = fate
        self.onFailure = onFailure
        DispatchQueue(label: "saga.ranks.watch").async { self.work() }
    }

    /// Why this training is over, where another rank has ended it.
    var failure: RankError? { state.withLock { $0.failure } }

    /// The same, after the time that a last word may need to arrive.
    func awaitedFailure() -> RankError? {
        for _ in 0..<100 {
            if let failure { return failure }
            usleep(10_000)
        }
        return nil
    }

    /// Tells the others that this rank leaves, as it should or with an error, and ends the thread.
    func close(_ failure: RankError? = nil) {
        let wasClosing = state.withLock { state in
            defer { state.isClosing = true }
            return state.isClosing
        }
        guard !wasClosing else { return }
        for life in lives {
            tell(life, failure)
            life.socket.hangUp()
        }
        ended.wait()
    }

    private func tell(_ life: Life, _ failure: RankError?) {
        try? life.socket.send(message: [Word(failure).rawValue] + Array((failure?.description ?? "").utf8))
    }

    private func work() {
        defer { ended.signal() }
        var left: Set<Int> = []
        while left.count < lives.count {
            let watched = lives.filter { !left.contains($0.rank) }
            var entries = watched.map { pollfd(fd: $0.socket.descriptor, events: Int16(POLLIN), revents: 0) }
            guard poll(&entries, nfds_t(entries.count), -1) > 0 else { continue }
            if state.withLock({ $0.isClosing }) { return }
            for (life, entry) in zip(watched, entries) where entry.revents != 0 {
                switch lastWord(of: life) {
                case nil: left.insert(life.rank)
                case let failure?: return spread(failure, from: life)
                }
            }
        }
    }

    /// Nil when the rank leaves as it should.
    private func lastWord(of life: Life) -> RankError? {
        guard let message = try? life.socket.receiveMessage(), let word = message.first.flatMap({ Word(rawValue: $0) })
        else {
            let fate = fate(life.rank) ?? "has ended without a word: killed, or its machine is gone"
            return RankError(
                .lostRank, "\(life.socket.peer) \(fate); start the run again to go on from its newest checkpoint")
        }
        guard word != .leaves else { return nil }
        let sentence = String(decoding: message.dropFirst(), as: UTF8.self)
        return RankError(
            .failedRank, "\(life.socket.peer) has failed: \(sentence)", isWorthRetrying: word == .failsThisTime)
    }

    private func spread(_ failure: RankError, from failed: Life) {
        state.withLock { $0.failure = failure }
        for life in lives where life.rank != failed.rank { tell(life, failure) }
        onFailure(failure)
    }
}

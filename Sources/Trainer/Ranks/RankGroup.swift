import Glibc
import Synchronization
package import Tensor

/// The ranks of a training, joined by connections to the first: what they say, sums in the host's memory, and an end for
/// all when one ends before its time.
package final class RankGroup: Communicator, @unchecked Sendable {
    package let rank: Int
    package let ranks: Int
    /// The run that all work at.
    package let run: RankRun

    private let talk: [RankSocket]
    private let sums: RankSums
    private let watch: RankWatch
    private let processes: RankProcesses?
    private let abandon: Abandonment

    /// What must end when a rank is lost: work on a device that waits for it, and at last this process.
    private final class Abandonment: Sendable {
        struct Actions: Sendable {
            var stop: (@Sendable () -> Void)?
            var isClosed = false
        }

        let actions = Mutex(Actions())
    }

    /// What is told to a process that does not end by itself after another rank was lost: a step may take minutes.
    package typealias LastResort = @Sendable (RankError) -> Void
    /// How long it may take.
    package static let grace: UInt32 = 5

    /// Of connections that are made and greeted. `fate` says how a rank has died, if that is known.
    init(
        rank: Int, ranks: Int, run: RankRun, connections: RankConnections, processes: RankProcesses?,
        lastResort: @escaping LastResort
    ) {
        self.rank = rank
        self.ranks = ranks
        self.run = run
        self.processes = processes
        talk = connections.talk
        sums = RankSums(connections.sums, isFirst: rank == 0)
        let abandon = Abandonment()
        self.abandon = abandon
        let sockets = connections.talk + connections.sums
        watch = RankWatch(connections.life, fate: { processes?.fate(of: $0) }) { failure in
            for socket in sockets { socket.hangUp() }
            abandon.actions.withLock { $0.stop }?()
            for _ in 0..<(RankGroup.grace * 20) {
                if abandon.actions.withLock({ $0.isClosed }) { return }
                usleep(50_000)
            }
            lastResort(failure)
        }
    }

    /// `stop` is called, on another thread, when a rank is lost: it ends what waits for that rank elsewhere than here.
    package func whenLost(_ stop: @escaping @Sendable () -> Void) { abandon.actions.withLock { $0.stop = stop } }

    /// Ends this rank's part. With a `failure`, whose sentence they hear, the others end too.
    package func close(failure: RankError? = nil) {
        abandon.actions.withLock { $0.isClosed = true }
        watch.close(failure)
        sums.close()
        for socket in talk { socket.hangUp() }
        processes?.wait()
    }

    /// Why another rank has ended this training.
    package var failure: RankError? { watch.failure }

    package func exchange(_ bytes: [UInt8]) throws(RankError) -> [[UInt8]] {
        do throws(RankError) {
            guard rank == 0 else {
                try talk[0].send(message: bytes)
                return try RankGroup.split(talk[0].receiveMessage(), ranks)
            }
            var all = [bytes]
            for socket in talk { all.append(try socket.receiveMessage()) }
            let joined = RankGroup.join(all)
            for socket in talk { try socket.send(message: joined) }
            return all
        } catch {
            throw watch.awaitedFailure() ?? error
        }
    }

    package func beginSum(_ values: UnsafeMutablePointer<Float>, count: Int) {
        if count > 0 { sums.begin(values, count: count) }
    }

    package func finishSums() throws(RankError) {
        do throws(RankError) { try sums.finish() } catch { throw watch.awaitedFailure() ?? error }
    }

    static func join(_ messages: [[UInt8]]) -> [UInt8] {
        messages.reduce(into: []) { joined, message in
            withUnsafeBytes(of: UInt64(message.count).littleEndian) { joined.append(contentsOf: $0) }
            joined += message
        }
    }

    static func split(_ joined: [UInt8], _ count: Int) throws(RankError) -> [[UInt8]] {
        var messages: [[UInt8]] = []
        var rest = joined[...]
        while rest.count >= 8 {
            let length = rest.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            rest = rest.dropFirst(8)
            guard length <= rest.count else { break }
            messages.append(Array(rest.prefix(Int(length))))
            rest = rest.dropFirst(Int(length))
        }
        guard messages.count == count, rest.isEmpty else {
            throw RankError(
                .unequalRanks, "the first rank does not speak as one of this version does; use one trainer for all")
        }
        return messages
    }
}

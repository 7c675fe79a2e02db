import BenchmarkSupport
import Experiment
import Foundation
import Synchronization
import TrackerClient

/// Whole trials with a search: drawn by a claim, one value logged, reported done; by 8 claimers at once, beside 8 of
/// Optuna's workers with the same database server. Ours and Optuna's take turns.
struct DrawMeasurements {
    let workshop: Workshop
    let address: TrackerAddress
    /// Nil leaves Optuna out.
    let optuna: Optuna?

    static let clients = 8
    private static let rounds = 3
    /// Of a turn.
    private static let seconds = 4.0

    func run() throws -> [Figure] {
        try [0, SearchMeasurements.trials].flatMap { done in
            try ["random", "tpe"].flatMap { try measure($0, done: done) }
        }
    }

    private func measure(_ method: String, done: Int) throws -> [Figure] {
        let sweep = try Claimer.create(SweepFiles.search(method), at: address)
        try workshop.database.run(DoneTrials.sql(sweep: sweep, count: done))
        try workshop.database.run("analyze")
        let workers = try optuna?.workers(DrawMeasurements.clients, sampler: method, done: done)
        defer { workers?.stop() }
        var (ours, theirs, draws, asks): ([Double], [Double], [Double], [Double]) = ([], [], [], [])
        for round in 0...DrawMeasurements.rounds {
            let mine = try trials(sweep)
            let peer = try workers?.work(seconds: DrawMeasurements.seconds)
            // The first turn fills caches on both sides.
            guard round > 0 else { continue }
            ours.append(mine.rate)
            draws.append(mine.milliseconds)
            if let peer {
                theirs.append(peer.rate)
                asks.append(peer.milliseconds)
            }
        }
        let name = "with \(done == 0 ? "none" : "10,000") done, by \(method)"
        return [
            Figure(
                name: "trials/s by 8 claimers \(name)", unit: "1/s", better: .higher, ours: Samples(ours).median,
                peer: theirs.isEmpty ? nil : Samples(theirs).median),
            Figure(
                name: "claim that draws among 8 claimers \(name), median", unit: "ms", better: .lower,
                ours: Samples(draws).median, peer: asks.isEmpty ? nil : Samples(asks).median),
        ]
    }

    private func trials(_ sweep: String) throws -> (rate: Double, milliseconds: Double) {
        let draws = Mutex<[Double]>([])
        let start = ContinuousClock.now
        try concurrently(DrawMeasurements.clients) { [address] _ in
            let claimer = try Claimer(address, sweep: sweep)
            var own: [Double] = []
            while start.secondsAgo < DrawMeasurements.seconds {
                let begin = ContinuousClock.now
                guard let claim = try claimer.claim() else { continue }
                own.append(begin.secondsAgo * 1000)
                try claimer.log(claim, loss: SweepFiles.loss(claim.config))
                try claimer.succeed(claim)
            }
            draws.withLock { $0 += own }
        }
        let all = draws.withLock(\.self)
        return (Double(all.count) / start.secondsAgo, Samples(all).median)
    }
}

import BenchmarkSupport
import Experiment
import Synchronization
import TrackerClient

/// How fast 8 claimers at once work through 10,000 stages: each has a connection of its own to one server.
struct ClaimMeasurements {
    let address: TrackerAddress

    private static let clients = 8
    private static let stages = 10_000

    func run() throws -> [Figure] {
        // One sweep a measurement: a claim costs the same whether the earlier stages are claimed or done.
        let first = try Claimer.create(SweepFiles.grid, at: address)
        let claims = try rate { [address] in
            let claimer = try Claimer(address, sweep: first)
            var count = 0
            while try claimer.claim() != nil { count += 1 }
            return count
        }
        let second = try Claimer.create(SweepFiles.grid, at: address)
        let stages = try rate { [address] in
            let claimer = try Claimer(address, sweep: second)
            var count = 0
            while let claim = try claimer.claim() {
                try claimer.succeed(claim)
                count += 1
            }
            return count
        }
        return [SweeperAim.claims.row(claims), SweeperAim.stages.row(stages)]
    }

    /// Stages a second; `work` says how many its client had.
    private func rate(_ work: @escaping @Sendable () throws -> Int) throws -> Double {
        let sum = Mutex(0)
        let seconds = try seconds {
            try concurrently(ClaimMeasurements.clients) { _ in
                let count = try work()
                sum.withLock { $0 += count }
            }
        }
        let count = sum.withLock(\.self)
        guard count == ClaimMeasurements.stages else {
            throw Program.Failure(description: "\(count) of \(ClaimMeasurements.stages) stages were claimed")
        }
        return Double(count) / seconds
    }
}

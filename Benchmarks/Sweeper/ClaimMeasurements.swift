import BenchmarkSupport
import Experiment
import TrackerClient

/// How fast 8 claimers at once work through 10,000 stages: each has a connection of its own to one server.
struct ClaimMeasurements {
    let address: TrackerAddress

    private static let clients = 8
    private static let stages = 10_000.0

    func run() throws -> [Figure] {
        // One sweep a measurement: a claim costs the same whether the earlier stages are claimed or done.
        let first = try Claimer.create(SweepFiles.grid, at: address)
        let claims = try rate { [address] in
            let claimer = try Claimer(address, sweep: first)
            while try claimer.claim() != nil {}
        }
        let second = try Claimer.create(SweepFiles.grid, at: address)
        let stages = try rate { [address] in
            let claimer = try Claimer(address, sweep: second)
            while let claim = try claimer.claim() { try claimer.succeed(claim) }
        }
        return [SweeperAim.claims.row(claims), SweeperAim.stages.row(stages)]
    }

    private func rate(_ work: @escaping @Sendable () throws -> Void) throws -> Double {
        ClaimMeasurements.stages / (try seconds { try concurrently(ClaimMeasurements.clients) { _ in try work() } })
    }
}

import Experiment
import SweepDefinition
import Testing

@testable import SweepSearch

@Suite("Quasi-random search")
struct QuasiRandomSearchTests {
    @Test("Each of 64 equal cells of a square gets its share of the points: random points leave some empty")
    func even() {
        func emptyCells(_ points: [[Double]]) -> Int {
            64 - Set(points.map { Int($0[0] * 8) * 8 + Int($0[1] * 8) }).count
        }
        for seed in 1...5 as ClosedRange<UInt64> {
            let sequence = HaltonSequence(seed: seed, dimensions: 2)
            #expect(emptyCells((0..<128).map(sequence.point)) <= 6)
            var generator = SeededGenerator(seed: seed)
            #expect(emptyCells((0..<128).map { _ in [generator.uniform(), generator.uniform()] }) > 0)
        }
    }

    @Test("Every coordinate has each of b^k equal cells once in b^k points", arguments: [(0, 64), (1, 81), (2, 125)])
    func stratified(coordinate: Int, count: Int) {
        let sequence = HaltonSequence(seed: 9, dimensions: 3)
        let cells = (0..<count).map { Int(sequence.point($0)[coordinate] * Double(count) + 1e-9) }
        #expect(Set(cells).count == count)
    }

    @Test("Points depend on seed and number alone, and constraints are kept")
    func replay() throws {
        let searcher = try searcher(
            "method: qmc\nprogram: x\nparameters: {a: {min: 0.0, max: 1.0}, b: {min: 0.0, max: 1.0}}\nrequire: a < b")
        let runs = draw(searcher, count: 50)
        #expect(runs.count == 50)
        for (number, run) in runs.enumerated() {
            #expect(searcher.next(after: [], seed: 7919, number: number) == run.config)
            #expect((run.config["a"]?.number ?? 1) < (run.config["b"]?.number ?? 0))
        }
        #expect(searcher.next(after: [], seed: 1, number: 0) != runs[0].config)
    }
}

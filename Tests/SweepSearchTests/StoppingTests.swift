import Experiment
import SweepDefinition
import Testing

@testable import SweepSearch

@Suite("Early stopping")
struct StoppingTests {
    private func stopping(_ settings: String, goal: String = "minimize") throws -> EarlyStopping {
        let definition = try Definition(
            text: """
                method: random
                program: x
                metric: {name: loss, goal: \(goal)}
                early_terminate: {\(settings)}
                parameters: {a: {min: 0.0, max: 1.0}}
                """)
        return try #require(EarlyStopping(definition))
    }

    private func curve(_ run: String, _ values: [Double], isRunning: Bool = true) -> RunCurve {
        RunCurve(run: run, isRunning: isRunning, values: values)
    }

    @Test("Rungs are min_iter * eta^k, below max_iter")
    func rungs() {
        #expect(SuccessiveHalving(.init(first: 2), goal: .minimize).rungs.prefix(4) == [2, 6, 18, 54])
        #expect(SuccessiveHalving(.init(first: 1, last: 16, eta: 4), goal: .minimize).rungs == [1, 4])
    }

    @Test("Of nine at a rung three go on; the first two or three go on only if they are the best so far")
    func halving() throws {
        let stopping = try stopping("type: asha, min_iter: 2, eta: 3")
        let nine = (1...9).map { curve("r\($0)", [9, Double($0)]) }
        #expect(stopping.stops(nine) == ["r4", "r5", "r6", "r7", "r8", "r9"])
        #expect(stopping.stops([nine[4]]) == [])
        #expect(stopping.stops([nine[4], nine[2]]) == ["r5"])
        #expect(stopping.stops([curve("short", [99]), nine[0]]) == [])
        // The best up to the rung counts, and what comes after the rung does not.
        #expect(stopping.stops([curve("a", [1, 7, 9]), curve("b", [2, 2, 0])]) == ["b"])
        // A higher rung is judged among those that came as far.
        let long = curve("long", [5, 5, 5, 5, 5, 5])
        #expect(stopping.stops(nine + [long]).contains("long") == false)
        #expect(stopping.stops([curve("a", [4, 4]), curve("b", [4, 4]), curve("c", [4, 4])]) == [])
        let maximise = try self.stopping("type: asha, min_iter: 2, eta: 3", goal: "maximize")
        #expect(maximise.stops([curve("a", [1, 1]), curve("b", [2, 2])]) == ["a"])
    }

    @Test("A run whose values are not numbers is worse than all others")
    func diverged() throws {
        let stopping = try stopping("type: asha, min_iter: 2, eta: 2")
        let curves = [curve("a", [.nan, .nan]), curve("b", [1e300, 1e300]), curve("c", [3, .infinity])]
        #expect(stopping.stops(curves) == ["a", "b"])
        #expect(stopping.stops([curve("a", [.nan, .nan])]) == [])
    }

    @Test("The median of the means of finished runs is the bar, once there are enough of them")
    func median() throws {
        let stopping = try stopping("type: median, min_iter: 2, min_runs: 3")
        let done = [4.0, 6, 8].map { curve("d\($0)", [$0 + 1, $0 - 1, 0], isRunning: false) }
        let bad = curve("bad", [9, 7])
        #expect(stopping.stops(done + [bad, curve("good", [9, 5]), curve("early", [99])]) == ["bad"])
        #expect(stopping.stops(Array(done.prefix(2)) + [bad]) == [])
        #expect(stopping.stops(done + [curve("far", [9, 9, 9, 9])]) == [])
        // Of an even number of means the median is halfway between the middle two: 7 of 4, 6, 8 and 20.
        let even = done + [curve("d20", [21, 19], isRunning: false)]
        #expect(stopping.stops(even + [curve("bad", [9, 7.5]), curve("good", [9, 6.5])]) == ["bad"])
        let divergent = (0..<3).map { curve("n\($0)", [.nan, 1], isRunning: false) }
        #expect(stopping.stops(divergent + [bad]) == [])
    }

    @Test(
        "The order in which runs are listed changes nothing, and the same record gives the same answer",
        arguments: [
            "type: hyperband, min_iter: 2", "type: asha, min_iter: 2", "type: median, min_iter: 3, min_runs: 4",
        ])
    func order(settings: String) throws {
        let stopping = try stopping(settings)
        var generator = SeededGenerator(seed: 17)
        let curves = (0..<60).map { index in
            let length = Int(generator.uniform() * 30)
            let values = (0..<length).map { _ in (generator.uniform() * 20).rounded() / 10 + Double(index % 7) }
            return curve("r\(index)", values, isRunning: !index.isMultiple(of: 3))
        }
        let stopped = Set(stopping.stops(curves))
        #expect(!stopped.isEmpty && stopped.count < 40)
        for _ in 0..<20 { #expect(Set(stopping.stops(curves.shuffled(using: &generator))) == stopped) }
    }

    @Test("A sweep that stops early finds as good a run for a fraction of the values")
    func saves() throws {
        let stopping = try stopping("type: asha, min_iter: 3, eta: 3")
        var generator = SeededGenerator(seed: 23)
        let floors = (0..<81).map { _ in generator.uniform() }
        func value(_ run: Int, _ step: Int) -> Double { floors[run] + 1 / Double(step + 1) }
        var curves = floors.indices.map { curve("\($0)", []) }
        for step in 0..<81 {
            for index in curves.indices where curves[index].isRunning {
                curves[index].values.append(value(index, step))
            }
            let stopped = Set(stopping.stops(curves))
            for index in curves.indices where stopped.contains(curves[index].run) { curves[index].isRunning = false }
        }
        let spent = curves.reduce(0) { $0 + $1.values.count }
        let survivors = curves.filter { $0.values.count == 81 }.map(\.run)
        #expect(spent < 81 * 81 / 5, "\(spent)")
        #expect(survivors.contains("\(floors.indices.min { floors[$0] < floors[$1] } ?? -1)"))
    }
}

import Experiment
import Foundation
import Testing

@Suite("A sweep, end to end")
struct SweepTests {
    @Test("Clips become tokens, trials run, and people ask for the best and the comparison")
    func wholeLoop() async throws {
        let laboratory = try Laboratory()
        defer { laboratory.remove() }
        try await SmallSweep.prepare(in: laboratory)
        let file = try laboratory.write(SmallSweep.definition(totalTokens: 40_000), to: "small.yaml")

        let plan = try await laboratory.run("sweeper", "plan", file, "--format", "json")
        #expect(plan.code == 0, "\(plan.errors)")

        try await laboratory.withTracker { laboratory in
            let run = try await laboratory.run("sweeper", "run", file, "--slots", "2")
            #expect(run.code == 0, "\(run.errors)")

            // A finished sweep is not run again by accident.
            let again = try await laboratory.run("sweeper", "run", file)
            #expect(again.code == 0)
            #expect(again.errors.contains("--new"), "\(again.errors)")
        }

        // The tracker is down now: the queries start the private cluster themselves.
        let runs = try await laboratory.run("tracker", "runs", "--sweep", "small", "--format", "csv")
        let lines = runs.output.split(separator: "\n")
        #expect(lines.count == 1 + SmallSweep.trainings + SmallSweep.generations, "\(runs.output)\(runs.errors)")
        #expect(lines.dropFirst().allSatisfy { $0.contains("finished") })

        let best = try await laboratory.run(
            "tracker", "best", "--sweep", "small", "--metric", "probe/image_given_audio", "--group-by",
            "subset,masking",
            "--format", "json")
        let rows = try JSONCoding.decode([JSONValue].self, from: Data(best.output.utf8))
        #expect(rows.count == SmallSweep.trainings)
        let values = rows.compactMap { if case .object(let row) = $0 { row["value"]?.number } else { nil } }
        #expect(values.count == rows.count && values == values.sorted())
        #expect(values.allSatisfy { $0 > 0 && $0 < 3.4658 }, "a probe must beat the uniform guess ln 32: \(values)")

        let compare = try await laboratory.run(
            "tracker", "compare", "--sweep", "small", "--metric", "probe/image_given_audio", "--by", "subset,masking",
            "--x", "tokens", "--baseline", "subset=image+audio", "--format", "csv", "--plot", laboratory.home + "/a.svg"
        )
        #expect(compare.code == 0, "\(compare.errors)")
        // 5 evaluations (0, 1/4 ... 4/4) of each of the 4 trainings, and a header.
        #expect(compare.output.split(separator: "\n").count == 1 + 5 * SmallSweep.trainings, "\(compare.output)")
        #expect(laboratory.log("a.svg").contains("<svg"))

        let sheet = try await laboratory.run(
            "tracker", "sheet", "--sweep", "small", "--key", "generation/image", "--rows", "subset,masking",
            "--columns",
            "temperature", "--output", laboratory.home + "/b.svg")
        #expect(sheet.code == 0, "\(sheet.errors)")
        #expect(laboratory.log("b.svg").contains("data:image/png;base64,"))
    }

    @Test("A sweep that failed is completed by running it again, once the cause is mended")
    func failedThenMended() async throws {
        let laboratory = try Laboratory()
        defer { laboratory.remove() }
        let file = try laboratory.write(SmallSweep.definition(totalTokens: 4000), to: "small.yaml")
        try await laboratory.withTracker { laboratory in
            let first = try await laboratory.run("sweeper", "run", file)
            #expect(first.code == 1)
            #expect(first.errors.contains("output.log"), "\(first.errors)")
            #expect(first.errors.contains("trainer prepare"), "no tokens: \(first.errors)")

            try await SmallSweep.prepare(in: laboratory)
            let second = try await laboratory.run("sweeper", "run", file)
            #expect(second.code == 0, "\(second.errors)")
            #expect(second.errors.contains("\(SmallSweep.generations) of \(SmallSweep.generations) trials done"))
        }
    }
}

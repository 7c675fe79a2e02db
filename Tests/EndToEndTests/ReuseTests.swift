import Experiment
import Foundation
import Testing
import TrackerStore

@Suite("What is made already is not made again", .timeLimit(.minutes(10)))
struct ReuseTests {
    /// Runs of a kind whose folders lie here.
    private func runs(_ stage: String, in laboratory: Laboratory) throws -> Set<String> {
        let folder = SagaHome(path: laboratory.home).runs
        // Made with the first run.
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return Set(
            try names.filter {
                try RunSettings.read(from: "\(folder)/\($0)/run.json").stage == stage
            })
    }

    private func plan(_ file: String, in laboratory: Laboratory) async throws -> [String: JSONValue] {
        let outcome = try await laboratory.run("sweeper", "plan", file, "--format", "json")
        #expect(outcome.code == 0, "\(outcome.errors)")
        return try #require(try JSONParser.parse(outcome.output).object)
    }

    private func count(_ plan: [String: JSONValue], _ key: String) -> Int? {
        plan["reuse"]?.object?[key]?.array?.count
    }

    /// The number of trainings and generations that a run of the file made anew.
    private func run(_ file: String, _ options: String..., in laboratory: Laboratory) async throws -> [Int] {
        let before = [try runs("train", in: laboratory), try runs("generate", in: laboratory)]
        let outcome = try await laboratory.run("sweeper", ["run", file, "--slots", "2"] + options)
        #expect(outcome.code == 0, "\(outcome.errors)")
        let after = [try runs("train", in: laboratory), try runs("generate", in: laboratory)]
        return zip(before, after).map { $1.subtracting($0).count }
    }

    @Test("A second sweep of the same runs nothing; one flipped byte runs its stage again, and the record says why")
    func sweeps() async throws {
        let laboratory = try Laboratory()
        defer { laboratory.remove() }
        try await SmallSweep.prepare(in: laboratory)
        func file(_ name: String) throws -> String {
            try laboratory.write(
                SmallSweep.definition(totalTokens: 3000, name: name, subsets: "image+audio"), to: "\(name).yaml")
        }
        let (first, second, third) = (try file("first"), try file("second"), try file("third"))
        try await laboratory.withTracker { laboratory in
            #expect(try await plan(second, in: laboratory)["reuse"]?.object?["stages"]?.array == [])
            #expect(try await run(first, in: laboratory) == [2, 4])

            #expect(count(try await plan(second, in: laboratory), "stages") == 6)
            #expect(try await run(second, in: laboratory) == [0, 0])
            let best = try await laboratory.run(
                "tracker", "best", "--sweep", "second", "--metric", "probe/image_given_audio", "--format", "json")
            #expect(best.code == 0, "\(best.errors)")
            #expect((try? JSONParser.parse(best.output))?.array?.count == 2, "\(best.output)")
            // What another sweep has made is not this one's to delete.
            let deleted = try await laboratory.run("tracker", "delete", "--sweep", "second", "--yes")
            let left = try await laboratory.run("tracker", "runs", "--sweep", "first", "--format", "csv")
            #expect(left.output.split(separator: "\n").count == 1 + 6, "\(deleted.errors)\(left.errors)")

            let victim = try #require(try runs("train", in: laboratory).min())
            let weights = try weights(of: victim, in: laboratory)
            try flipByte(of: weights)
            let expected = try await plan(third, in: laboratory)
            #expect(count(expected, "stages") == 5 && count(expected, "damaged") == 1)
            #expect(try await run(third, in: laboratory) == [1, 0])
            let status = try await laboratory.run("sweeper", "status", "third", "--format", "json")
            #expect(status.output.contains("\(weights) is not as it was made"), "\(status.output)")

            // From now on the new one stands for both; the damaged one is read by nobody any more.
            #expect(count(try await plan(first, in: laboratory), "stages") == 6)
            #expect(try await run(first, "--new", in: laboratory) == [0, 0])
            // Whoever says so gets everything made again.
            #expect(try await run(first, "--new", "--no-reuse", in: laboratory) == [2, 4])
        }
    }

    @Test("A generation, and a program after it, read the training that another sweep made, from where that lies")
    func linked() async throws {
        let laboratory = try Laboratory()
        defer { laboratory.remove() }
        try await SmallSweep.prepare(in: laboratory)
        func file(_ name: String, _ temperatures: String) throws -> String {
            try laboratory.write(
                SmallSweep.definition(
                    totalTokens: 3000, name: name, subsets: "image+audio", maskings: "uniform",
                    temperatures: temperatures), to: "\(name).yaml")
        }
        let (first, second) = (try file("first", "0"), try file("second", "0.5"))
        // Our trainer's stages, then somebody's program.
        let judge = """

              - name: judge
                program: /bin/sh
                command: ["${program}", -c, 'ls "$0/checkpoints" "$1/result.json" >"$2/seen"', "${input:train}",
                          "${input:generate}", "${directory}"]
            """
        let text = try String(contentsOfFile: second, encoding: .utf8) + judge
        _ = try laboratory.write(text, to: "second.yaml")
        try await laboratory.withTracker { laboratory in
            #expect(try await run(first, in: laboratory) == [1, 1])
            let old = try runs("generate", in: laboratory)
            #expect(try await run(second, in: laboratory) == [0, 1])
            let new = try #require(try runs("generate", in: laboratory).subtracting(old).first)
            let home = SagaHome(path: laboratory.home)
            let training = try #require(try runs("train", in: laboratory).first)
            #expect(
                try RunSettings.read(from: "\(home.runs)/\(new)/run.json").inputs == [
                    "train": "\(home.runs)/\(training)"
                ])
            let judged = try #require(try runs("judge", in: laboratory).first)
            #expect(
                try RunSettings.read(from: "\(home.runs)/\(judged)/run.json").inputs == [
                    "train": "\(home.runs)/\(training)", "generate": "\(home.runs)/\(new)",
                ])
            let seen = try String(contentsOfFile: "\(home.runs)/\(judged)/seen", encoding: .utf8)
            #expect(seen.contains("\(home.runs)/\(new)/result.json"), "\(seen)")
        }
    }

    @Test("The demo's grid is 9 trainings and 45 generations; another temperature in the place of one is 9 generations")
    func demo() async throws {
        let laboratory = try Laboratory()
        defer { laboratory.remove() }
        try await SmallSweep.prepare(in: laboratory)
        let text = try tinyDemo()
        let file = try laboratory.write(text, to: "demo.yaml")
        let edited = try laboratory.write(
            text.replacing("[0, 0.4, 0.7, 1.0, 1.5]", with: "[0, 0.4, 0.8, 1.0, 1.5]"), to: "edited.yaml")
        try await laboratory.withTracker { laboratory in
            let planned = try #require(try await plan(file, in: laboratory)["sharing"]?.array)
            #expect(planned.compactMap { $0.object?["stages"]?.integer } == [9, 45])
            #expect(try await run(file, in: laboratory) == [9, 45])
            let record = try await laboratory.run("sweeper", "status", "demo", "--format", "json")
            let stages = try JSONParser.parse(record.output).object?["stages"]?.array ?? []
            #expect(stages.count { $0.object?["stage"] == .string("train") } == 9)

            #expect(count(try await plan(edited, in: laboratory), "stages") == 9 + 36)
            #expect(try await run(edited, in: laboratory) == [0, 9])
        }
    }

    /// The demo's own file, with a model that learns nothing, in seconds.
    private func tinyDemo() throws -> String {
        let path = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Sweeps/demo.yaml")
        var text = try String(contentsOf: path.standardizedFileURL, encoding: .utf8)
        let settings = [
            "tokens": "small", "dim": "32", "head_dim": "16", "enc_depth": "1", "dec_depth": "1", "batch_size": "4",
            "input_tokens_range": "[1, 16]", "target_tokens_range": "[1, 16]", "total_tokens": "640",
            "eval_every_tokens": "640", "checkpoint_every_tokens": "640", "generation_clips": "1",
            "generation_steps": "2",
        ]
        for (name, value) in settings {
            let line = try Regex("\\n  \(name): \\{value: [^}]*\\}")
            #expect(text.contains(line), "\(name)")
            text = text.replacing(line, with: "\n  \(name): {value: \(value)}")
        }
        return text
    }

    private func weights(of run: String, in laboratory: Laboratory) throws -> String {
        let folder = SagaHome(path: laboratory.home).runs + "/\(run)/checkpoints"
        let newest = try #require(try FileManager.default.contentsOfDirectory(atPath: folder).max())
        return "\(folder)/\(newest)/model.safetensors"
    }

    private func flipByte(of path: String) throws {
        var data = try Data(contentsOf: URL(filePath: path))
        data[data.count / 2] ^= 1
        try data.write(to: URL(filePath: path))
    }
}

import Experiment
import Foundation
import Testing

@Suite("scripts/gpu-check, where there is no GPU")
struct GPUCheckTests {
    private static let root = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined()

    @Test("It runs all that a CPU can, in one table and one JSON, and says no when a check fails")
    func check() async throws {
        let laboratory = try Laboratory()
        defer { laboratory.remove() }
        let (out, trainer) = (laboratory.home + "/out.json", laboratory.path(of: "trainer"))
        func run(_ trainer: String) async throws -> (Laboratory.Outcome, [String: String], JSONValue) {
            let outcome = try await laboratory.run(
                "/usr/bin/env", "python3", GPUCheckTests.root + "/scripts/gpu-check", "--trainer", trainer, "--device",
                "cpu", "--size", "tiny", "--batch", "4", "--seconds", "0.1", "--steps", "10", "--out", out)
            let report = try JSONParser.parse(String(contentsOfFile: out, encoding: .utf8))
            let rows = (report.object?["checks"]?.array ?? []).compactMap(\.object)
            let results = rows.map { ($0["check"]?.string ?? "", $0["result"]?.string ?? "") }
            return (outcome, Dictionary(results, uniquingKeysWith: { $1 }), report)
        }
        let (outcome, results, report) = try await run(trainer)
        #expect(outcome.code == 0, "\(outcome.output) \(outcome.errors)")
        #expect(
            results == [
                "golden directories, float32": "ok", "every operator, float32": "ok",
                "step, float32, all valid": "ok", "step, float32, counts drawn": "ok",
                "10 steps, float32 beside float32": "ok",
                "60 steps, float32, as graphs beside none": "skipped", "PyTorch": "skipped",
                "compute-sanitizer": "skipped",
                "2000 steps, float32, all finite": "skipped",
            ], "\(outcome.output)")
        for name in results.keys { #expect(outcome.output.contains(name)) }
        #expect(report.object?["figures"]?.object?["trial"]?.object?["losses"]?.array?.count == 10)

        // A trainer that cannot compute: its words are in the table.
        let broken = try laboratory.write(
            """
            #!/bin/sh
            [ "$1" = --version ] && exit 0
            [ "$1 $2" = "verify --device" ] && case "$*" in *--backend*)
                echo '[{"check": "attention", "error": "NaN", "tolerance": 0.1}, {"check": "add", "error": 0, "tolerance": 0.1}]'
                exit 1 ;; esac
            echo 'there is no GPU 0' >&2
            exit 2

            """, to: "broken")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: broken)
        let (refused, verdicts, _) = try await run(broken)
        #expect(refused.code == 1, "\(refused.output)")
        #expect(verdicts["golden directories, float32"] == "FAILED" && refused.output.contains("there is no GPU 0"))
        #expect(refused.output.contains("attention is off by NaN") && !refused.output.contains("add is off"))
    }
}

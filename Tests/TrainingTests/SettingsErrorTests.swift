import Experiment
import FoundationEssentials
import Testing
import Training

@Suite("Settings that cannot be used")
struct SettingsErrorTests {
    let workshop: Workshop

    init() throws { workshop = try Workshop() }

    @Test(
        "end with code 2, a sentence and result.json",
        arguments: [
            (["dimm": 32], "the trainer has no setting 'dimm'; did you mean 'dim'?"),
            (["lr": "fast"], "lr must be a number, not \"fast\""),
            (["head_dim": 24], "dim 32 must be a multiple of head_dim 24"),
            (["subset": "image+depth"], "the token set has no modality 'depth'; did you mean 'pseudo-depth'?"),
            (["tokens": "/nowhere.h5"], "there is no token set /nowhere.h5: make one with 'trainer prepare'"),
            (
                ["masking": .object(["strategy": "dirichlet", "alphas": .object(["image": 1])])],
                "masking 'dirichlet' has no alpha for audio: give one above 0"
            ),
        ] as [([String: JSONValue], String)])
    func refused(change: [String: JSONValue], sentence: String) throws {
        #expect(try workshop.run("a", config: workshop.config(change)) == 2)
        #expect(
            try workshop.result("a") == StageResult(state: .failed, exitCode: 2, attempt: 1, message: sentence))
    }

    @Test("because they are for another stage, or no file at all, start nothing")
    func otherStage() throws {
        let path = "\(workshop.folder.path)/run.json"
        try Data(#"{"stage": "generate", "config": {}}"#.utf8).write(to: URL(filePath: path))
        for path in [path, "/nowhere.json"] {
            #expect(StageRunner.run(settingsPath: path, stage: "train", tracker: nil) { _, _ in nil } == 2)
        }
    }

    @Test("in all but their attempt are counted on from the logs that are there")
    func attempts() throws {
        var settings = RunSettings(config: [:])
        settings.directory = workshop.folder.path
        #expect(try StageRun(settings, stage: "train").attempt == 1)
        try Data().write(to: URL(filePath: "\(workshop.folder.path)/log-3.sagalog"))
        #expect(try StageRun(settings, stage: "train").attempt == 4)
    }
}

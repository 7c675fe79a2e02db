import FoundationEssentials
import Testing
import Training

@Suite("Checkpoints on disk")
struct CheckpointStoreTests {
    let folder = TemporaryFolder()

    var store: CheckpointStore { CheckpointStore(runDirectory: folder.path) }

    private func write(step: Int, _ text: String = "weights") throws {
        try store.write(TrainingPosition(step: step)) { path in
            try Data(text.utf8).write(to: URL(filePath: "\(path)/model.safetensors"))
        }
    }

    @Test("The last two are kept, the newest comes first")
    func keepsTwo() throws {
        for step in [5, 20, 10_000] { try write(step: step) }
        #expect(store.whole().map(\.position.step) == [10_000, 20])
        #expect(store.whole().first?.path == "\(folder.path)/checkpoints/step-00010000")
        #expect(try folder.names("checkpoints") == ["step-00000020", "step-00010000"])
    }

    @Test("The best stay besides, of equals the earlier")
    func keepsBest() throws {
        let store = CheckpointStore(runDirectory: folder.path, kept: 1, keptBest: 2)
        for (step, loss) in [(1, 3.0), (2, 1.0), (3, nil), (4, 2.0), (5, 1.0), (6, 5.0), (7, nil)] {
            #expect(store.isAmongBest(loss ?? 9) == (step <= 2 || step == 4 || loss == 1 && step == 5))
            try store.write(TrainingPosition(step: step, evalLoss: loss)) { path in
                try Data("weights".utf8).write(to: URL(filePath: "\(path)/model.safetensors"))
            }
        }
        #expect(store.whole().map(\.position.step) == [7, 5, 2])
        #expect(store.best().map(\.position.step) == [2, 5])
    }

    @Test("One that lost bytes, its manifest or a file gives way to the one before")
    func torn() throws {
        let newest = "\(folder.path)/checkpoints/step-00000002"
        let text = "0123456789"
        for length in 0..<text.count {
            try write(step: 1)
            try write(step: 2, text)
            try Data(text.prefix(length).utf8).write(to: URL(filePath: "\(newest)/model.safetensors"))
            #expect(store.whole().map(\.position.step) == [1], "cut at byte \(length)")
            try FileManager.default.removeItem(atPath: newest)
        }
        try write(step: 2)
        let manifest = try Data(contentsOf: URL(filePath: "\(newest)/checkpoint.json"))
        for length in 0..<manifest.count {
            try manifest.prefix(length).write(to: URL(filePath: "\(newest)/checkpoint.json"))
            #expect(store.whole().map(\.position.step) == [1], "manifest cut at byte \(length)")
        }
        try manifest.write(to: URL(filePath: "\(newest)/checkpoint.json"))
        #expect(store.whole().map(\.position.step) == [2, 1])
        try FileManager.default.removeItem(atPath: "\(newest)/model.safetensors")
        #expect(store.whole().map(\.position.step) == [1])
    }

    /// The step of the checkpoint that is read, if it can be.
    private func valid() throws -> Int? { try store.firstValid { $0.position.step } }

    @Test("Every single flipped bit is found, in the files and in the manifest")
    func flipped() throws {
        try write(step: 1)
        try write(step: 2, "0123456789")
        let newest = "\(folder.path)/checkpoints/step-00000002"
        for file in ["model.safetensors", "checkpoint.json"] {
            let url = URL(filePath: "\(newest)/\(file)")
            let bytes = try Data(contentsOf: url)
            for place in bytes.indices {
                for bit in 0..<8 {
                    var damaged = bytes
                    damaged[place] ^= 1 << bit
                    try damaged.write(to: url)
                    #expect(try valid() == 1, "bit \(bit) of byte \(place) of \(file)")
                }
            }
            try bytes.write(to: url)
            #expect(try valid() == 2)
        }
    }

    @Test("Where all are damaged that is said, and where there never was one nothing is")
    func allDamaged() throws {
        #expect(try valid() == nil)
        for step in [1, 2] {
            try write(step: step)
            try Data("weighty".utf8).write(
                to: URL(filePath: "\(folder.path)/checkpoints/step-0000000\(step)/model.safetensors"))
        }
        var passed: [String] = []
        let error = #expect(throws: TrainingError.self) {
            try store.firstValid({ $0.position.step }, passedOver: { passed.append($0.description) })
        }
        #expect(error?.kind == .damagedCheckpoint && error?.description.contains("step-00000002") == true)
        #expect(error?.description.contains("(model.safetensors)") == true)
        #expect(passed.count == 2)
    }

    @Test("One that was being written when the process died is neither found nor kept")
    func unfinished() throws {
        struct Killed: Error {}
        try write(step: 1)
        #expect(throws: Killed.self) {
            try store.write(TrainingPosition(step: 2)) { path in
                try Data("half".utf8).write(to: URL(filePath: "\(path)/model.safetensors"))
                throw Killed()
            }
        }
        #expect(store.whole().map(\.position.step) == [1])
        try write(step: 3)
        #expect(try folder.names("checkpoints") == ["step-00000001", "step-00000003"])
    }

    @Test("One damaged at its place is written anew")
    func rewritten() throws {
        try write(step: 4)
        try FileManager.default.removeItem(atPath: "\(folder.path)/checkpoints/step-00000004/model.safetensors")
        try write(step: 4)
        #expect(store.whole().map(\.position.step) == [4])
        // Of the same length, so that only its bytes tell.
        try Data("weighty".utf8).write(
            to: URL(filePath: "\(folder.path)/checkpoints/step-00000004/model.safetensors"))
        #expect(throws: TrainingError.self) { try valid() }
        try write(step: 4)
        #expect(try valid() == 4)
    }
}

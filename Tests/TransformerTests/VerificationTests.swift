import Foundation
import Tensor
import Testing
import Transformer

/// The reference's own directories, and those of our PyTorch peer with each option (Benchmarks/peers/goldens.py).
@Suite("Verification")
struct VerificationTests {
    static let names = [
        "tiny", "tiny-all-tokens", "bias", "swiglu", "rope", "separate", "z-loss", "z-loss-all-tokens", "muon",
        "everything",
    ]

    private func folder(_ name: String) throws -> String {
        try #require(Bundle.module.resourceURL).appending(path: "Golden/\(name)").path
    }

    @Test("Logits, gradients, losses and final weights are another implementation's", arguments: names)
    func agrees(_ name: String) throws {
        let result = try Verification(GoldenDirectory(path: folder(name)))
        #expect(result.largest < 1e-5, "\(result)")
        #expect(result.largest > 0)
    }

    @Test("A changed weight shows in everything, a wrong option too")
    func differs() throws {
        let copy = temporaryPath("golden-\(UUID().uuidString)")
        try FileManager.default.copyItem(atPath: folder("rope"), toPath: copy)
        let golden = try GoldenDirectory(path: copy)
        let model = try golden.model()
        func write(_ metadata: [String: String]) throws {
            try SafeTensors.write(
                model.checkpointTensors(), metadata: metadata, to: "\(copy)/weights.safetensors")
        }
        try write(golden.weights.metadata.filter { $0.key != "rope" })
        #expect(try Verification(GoldenDirectory(path: copy)).logits > 1e-3)
        model.parameters.values.floats[0] += 1
        try write(golden.weights.metadata)
        let result = try Verification(GoldenDirectory(path: copy))
        #expect(min(result.logits, result.gradients, result.losses, result.weights) > 1e-4)
    }

    @Test(
        "A directory that lacks something is refused with a sentence",
        arguments: ["weights.safetensors", "expected.safetensors", "expected.json"])
    func incomplete(_ file: String) throws {
        let copy = temporaryPath("golden-\(UUID().uuidString)")
        try FileManager.default.copyItem(atPath: folder("rope"), toPath: copy)
        try FileManager.default.removeItem(atPath: "\(copy)/\(file)")
        #expect(throws: (any Error).self) { try GoldenDirectory(path: copy) }
        try Data("{}".utf8).write(to: URL(filePath: "\(copy)/\(file)"))
        #expect(throws: (any Error).self) { try GoldenDirectory(path: copy) }
    }
}

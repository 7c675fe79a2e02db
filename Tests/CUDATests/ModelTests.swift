import FoundationEssentials
import Tensor
import Testing
import Transformer

@testable import CUDA

/// Whole trainings on the emulated GPU against the reference's numbers.
@Suite("Models on the emulated GPU")
struct ModelTests {
    static let folder =
        #filePath.split(separator: "/").dropLast(2).map { "/" + $0 }.joined() + "/TransformerTests/Golden"

    @Test(
        "The reference's logits, gradients, losses and final weights",
        arguments: ["tiny", "bias", "everything", "muon", "rope", "separate", "swiglu", "z-loss"])
    func golden(name: String) throws {
        let backend = CUDABackend(EmulatedDevice(.random))
        let result = try Verification(GoldenDirectory(path: "\(ModelTests.folder)/\(name)"), backend: backend)
        #expect(result.largest < 1e-4, "\(result)")
    }

    @Test("A model that does not fit is an error, not a crash")
    func outOfMemory() throws {
        let golden = try GoldenDirectory(path: "\(ModelTests.folder)/tiny")
        let model = try golden.model(backend: CUDABackend(EmulatedDevice(.forward, limit: 600_000)))
        #expect(throws: TransformerError.self) { try model.forwardBackward(golden.batch(0)) }
        #expect(throws: TransformerError.self) { try model.logits(golden.batch(0)) }
    }
}

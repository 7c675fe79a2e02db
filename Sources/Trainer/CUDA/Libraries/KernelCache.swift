import Experiment
import FoundationEssentials
import Tensor

/// Compiled kernels on disk, so that a card's are compiled once.
package struct KernelCache: Sendable {
    private let directory: String

    /// `SAGA_HOME/cache/cuda` unless a folder is given.
    package init(directory: String = SagaHome().cache + "/cuda") { self.directory = directory }

    /// The program for an architecture and for drivers of a major CUDA version: from the cache, else compiled and put
    /// there. A cache that cannot be written costs a compilation each time and nothing else.
    package func cubin(
        architecture: String, major: Int, compile: () throws(CUDAError) -> [UInt8]
    ) throws(CUDAError) -> [UInt8] {
        let path = "\(directory)/\(key(architecture, major)).cubin"
        if let data = FileManager.default.contents(atPath: path), !data.isEmpty { return [UInt8](data) }
        let cubin = try compile()
        try? FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        try? Data(cubin).write(to: URL(filePath: path), options: .atomic)
        return cubin
    }

    /// Of what the program depends on.
    private func key(_ architecture: String, _ major: Int) -> String {
        let text = KernelSources.files.map { "\($0.name)\n\($0.text)" }.joined()
        return "\(architecture)-cuda\(major)-\(SHA256.hex(text.utf8).prefix(32))"
    }
}

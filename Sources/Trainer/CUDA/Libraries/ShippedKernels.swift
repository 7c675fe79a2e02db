import Experiment
import FoundationEssentials
import Glibc

/// Kernels that were compiled elsewhere and lie beside the program, in `cubins/`: a card that they fit needs no compiler.
package struct ShippedKernels: Sendable {
    private let directory: String

    /// Beside this program unless a folder is given.
    package init(directory: String? = nil) {
        let program = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let folder = program.map { URL(filePath: $0).deletingLastPathComponent().path } ?? "."
        self.directory = directory ?? folder + "/cubins"
    }

    /// Of the current sources: others are another version's.
    package static func fileName(architecture: String) -> String {
        let text = KernelSources.files.map { "\($0.name)\n\($0.text)" }.joined()
        return "\(architecture)-\(SHA256.hex(text.utf8).prefix(32)).cubin"
    }

    /// Programs that this card can run, the nearest first: its own, and those of earlier cards of its generation.
    package func cubins(generation: Int, minor: Int) -> [[UInt8]] {
        stride(from: minor, through: 0, by: -1).compactMap { minor in
            let name = ShippedKernels.fileName(architecture: "sm_\(generation)\(minor)")
            return FileManager.default.contents(atPath: "\(directory)/\(name)").map { [UInt8]($0) }
        }
    }

    /// Compiles for each of these architectures; gives the paths.
    package func build(
        _ architectures: [String], search: LibrarySearch = LibrarySearch()
    ) throws -> [String] {
        let compiler = try KernelCompiler(search)
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        return try architectures.map { architecture in
            let path = "\(directory)/\(ShippedKernels.fileName(architecture: architecture))"
            let cubin = try compiler.compile(architecture: architecture).cubin
            try Data(cubin).write(to: URL(filePath: path), options: .atomic)
            return path
        }
    }
}

import ArgumentParser
import CUDA

struct KernelsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kernels",
        abstract:
            "Compiles the GPU's kernels for cards that need not be there, so that their machines need no compiler.",
        discussion: """
            The files are looked for in cubins/ beside the trainer before NVRTC is. Of this version's kernels only: an \
            older file is not used.

            Example:
              trainer kernels --out cubins --for sm_70 --for sm_80 --for sm_90
            """)

    @Option(help: "Folder that the files go to.")
    var out: String
    @Option(name: .customLong("for"), help: "Architecture of a card; may be given several times.")
    var architectures = ["sm_70", "sm_80", "sm_90"]

    func run() throws {
        do {
            for path in try ShippedKernels(directory: out).build(architectures) { print(path) }
        } catch {
            StandardError.write("trainer kernels: \(error)")
            throw ExitCode(2)
        }
    }
}

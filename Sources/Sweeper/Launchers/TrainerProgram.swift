import Foundation

/// Where the program `trainer` lies.
package enum TrainerProgram {
    /// Beside this program, else on the path.
    package static func locate(
        beside program: String? = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"),
        path: String = ProcessInfo.processInfo.environment["PATH"] ?? ""
    ) throws(LauncherError) -> String {
        let beside = program.map { ($0 as NSString).deletingLastPathComponent }
        let folders = [beside].compactMap { $0 } + path.split(separator: ":").map(String.init)
        for folder in folders where FileManager.default.isExecutableFile(atPath: folder + "/trainer") {
            return folder + "/trainer"
        }
        throw LauncherError(
            "trainer_missing",
            "the program 'trainer' is neither beside sweeper nor on the PATH; build it with "
                + "'swift build -c release --product trainer'")
    }
}

import Foundation
import Testing

@Suite("What the trainer is told by its environment")
struct EnvironmentTests {
    @Test(
        "A word that means nothing is an error, not another device",
        arguments: [
            ("SAGA_DEVICE", "gpu", "SAGA_DEVICE is 'gpu'; it may be cpu, cuda, cuda:N or auto."),
            ("SAGA_PRECISION", "bf16", "SAGA_PRECISION is 'bf16'; it may be float32, tf32, bfloat16, float16."),
        ], ["train", "generate"])
    func words(setting: (name: String, value: String, message: String), command: String) throws {
        let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let (process, errors) = (Process(), Pipe())
        process.executableURL = URL(filePath: tests).deletingLastPathComponent().appending(path: "trainer")
        process.arguments = [command, "--settings", "/there/is/none.json", "--tracker", "none"]
        process.environment = ProcessInfo.processInfo.environment.merging([setting.name: setting.value]) { $1 }
        process.standardError = errors
        try process.run()
        let text = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 64)
        #expect(text.contains(setting.message), "\(text)")
    }
}

package import Foundation

/// Programs that a benchmark runs.
package struct Program: Sendable {
    package struct Failure: Error, CustomStringConvertible {
        package var description: String

        package init(description: String) { self.description = description }
    }

    package var path: String
    package var environment: [String: String]

    package init(path: String, environment: [String: String]) {
        self.path = path
        self.environment = environment
    }

    /// Runs to the end; standard output.
    @discardableResult
    package func run(_ arguments: [String], output: FileHandle? = nil) throws -> String {
        let pipe = Pipe()
        let process = try start(arguments, output: output ?? pipe.fileHandleForWriting)
        pipe.fileHandleForWriting.closeFile()
        let text = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failure(
                description: "\(path) \(arguments.joined(separator: " ")) ended with "
                    + "\(process.terminationStatus)")
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Starts it and leaves it running.
    package func start(_ arguments: [String], output: FileHandle, errors: FileHandle? = nil) throws -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.environment = environment
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        if let errors { process.standardError = errors }
        try process.run()
        return process
    }
}

package func note(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }

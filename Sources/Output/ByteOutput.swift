import Foundation

/// Writes a long answer, to standard output or a file, through a buffer.
///
/// A file takes its name only when it is complete, see ``finish()``.
package final class ByteOutput {
    /// Append to it, then call ``flushIfFull()``.
    package var buffer: [UInt8] = []
    private let file: FileHandle
    /// Where it is written and what it shall be called; nil for standard output.
    private let names: (draft: String, final: String)?

    private static let capacity = 1 << 20

    /// `path`: nil or `-` for standard output.
    package init(path: String?) throws(CommandError) {
        buffer.reserveCapacity(ByteOutput.capacity + 65_536)
        guard let path, path != "-" else {
            file = .standardOutput
            names = nil
            return
        }
        let draft = "\(path).\(ProcessInfo.processInfo.processIdentifier).part"
        guard FileManager.default.createFile(atPath: draft, contents: nil),
            let file = FileHandle(forWritingAtPath: draft)
        else { throw ByteOutput.unwritable(path) }
        self.file = file
        names = (draft, path)
    }

    deinit {
        // Gone by then unless something was thrown.
        if let names { unlink(names.draft) }
    }

    package func flushIfFull() throws(CommandError) {
        if buffer.count >= ByteOutput.capacity { try flush() }
    }

    /// Writes the rest.
    package func finish() throws(CommandError) {
        try flush()
        guard let names else { return }
        guard rename(names.draft, names.final) == 0 else { throw ByteOutput.unwritable(names.final) }
    }

    private func flush() throws(CommandError) {
        do {
            try file.write(contentsOf: buffer)
        } catch {
            throw ByteOutput.unwritable(names?.final ?? "standard output")
        }
        buffer.removeAll(keepingCapacity: true)
    }

    private static func unwritable(_ path: String) -> CommandError {
        CommandError("cannot_write", "\(path) cannot be written; is there space, and is the folder yours?")
    }
}

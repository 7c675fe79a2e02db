import Experiment
import Foundation
import Logging

/// One JSON object a line on standard error, for machines that gather logs.
struct JSONLogHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var fields: [String: JSONValue] = [
            "time": .string(Date.now.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))),
            "level": .string(event.level.rawValue), "message": .string("\(event.message)"),
        ]
        for (key, value) in metadata.merging(event.metadata ?? [:], uniquingKeysWith: { $1 }) {
            fields[key == "hb.request.id" ? "request" : key] = .string("\(value)")
        }
        guard let line = try? JSONCoding.encode(fields) else { return }
        // In one call, so that lines of several threads do not mix.
        FileHandle.standardError.write(line + Data("\n".utf8))
    }
}

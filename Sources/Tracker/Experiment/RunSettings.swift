import FoundationEssentials

/// The file `run.json` that a trainer process is started with: everything it needs to know, and nothing else.
///
/// Written by the sweeper, or by hand: only `config` is required then.
package struct RunSettings: Codable, Sendable, Hashable {
    package var id: RunID?
    package var project: String?
    /// Name shown to people.
    package var name: String?
    package var group: String?
    package var sweep: String?
    /// `train` or `generate`; W&B's job type of the run.
    package var stage: String?
    /// Counts from 1; a trainer that is started again for the same run gets the next number.
    package var attempt: Int?
    package var tags: [String]?
    /// Absolute. Default: `SAGA_HOME/runs/ID`.
    package var directory: String?
    /// Run directories of the stages before this one, by stage name.
    package var inputs: [String: String]?
    package var config: [String: JSONValue]

    package init(config: [String: JSONValue]) { self.config = config }
}

extension RunSettings {
    /// Every key that a trainer's config may have.
    package static let configKeys = TrainingSettings.keys + GenerationSettings.keys

    /// Checks a whole config before anything is started: unknown keys, types, ranges.
    package static func check(config: [String: JSONValue]) throws(SettingsError) {
        for key in config.keys.sorted() where !configKeys.contains(key) {
            throw SettingsError(.unknownKey, "the trainer has no setting '\(key)'\(didYouMean(key, among: configKeys))")
        }
        _ = try TrainingSettings(config: config)
        _ = try GenerationSettings(config: config)
    }

    /// Reads a settings file; errors name the file and what is wrong with it.
    package static func read(from path: String) throws -> RunSettings {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw SettingsError(.invalidValue, "\(path): cannot be read; give the path of a run.json")
        }
        do {
            return try JSONCoding.decode(RunSettings.self, from: data)
        } catch {
            throw SettingsError(.invalidValue, "\(path): \(plainReason(of: error))")
        }
    }

    private static func plainReason(of error: any Error) -> String {
        guard let error = error as? DecodingError else { return "\(error)" }
        func place(_ context: DecodingError.Context) -> String {
            let path = context.codingPath.map(\.stringValue).joined(separator: ".")
            return path.isEmpty ? "" : " (at \(path))"
        }
        return switch error {
        case .keyNotFound(let key, _): "the key '\(key.stringValue)' is missing"
        case .typeMismatch(let type, let context): "expected \(type)\(place(context))"
        case .valueNotFound(let type, let context): "expected \(type), found null\(place(context))"
        case .dataCorrupted(let context): "\(context.debugDescription)\(place(context))"
        @unknown default: "not valid JSON"
        }
    }
}

/// The file `result.json` in a run's directory: written atomically, last, so that its presence means success or a
/// final failure even when nobody was there to see the process end.
package struct StageResult: Codable, Sendable, Hashable {
    package static let fileName = "result.json"

    package var state: RunState
    package var exitCode: Int32
    package var attempt: Int
    /// One sentence when the state is not `finished`.
    package var message: String?

    package init(state: RunState, exitCode: Int32, attempt: Int, message: String? = nil) {
        self.state = state
        self.exitCode = exitCode
        self.attempt = attempt
        self.message = message
    }

    package static func read(fromDirectory directory: String) -> StageResult? {
        FileManager.default.contents(atPath: directory + "/" + fileName)
            .flatMap { try? JSONCoding.decode(StageResult.self, from: $0) }
    }
}

package import FoundationEssentials

/// One thing that happened in a run, as it is written to the run log and sent to the tracker.
package enum RunRecord: Codable, Sendable, Hashable {
    case start(RunStart)
    case metrics(MetricRow)
    /// How the machine is doing, under W&B's names, as `system.gpu.0.temp`: beside the run's metrics, not among them.
    case system(MetricRow)
    /// Merged into the run's summary, key by key.
    case summary([String: JSONValue])
    case file(RunFile)
    case finish(RunFinish)
}

package struct RunStart: Codable, Sendable, Hashable {
    package var project: String
    package var name: String?
    package var group: String?
    /// Id of the sweep that the run belongs to.
    package var sweep: String?
    package var jobType: String?
    package var config: [String: JSONValue]
    package var tags: [String]
    package var host: String
    package var time: Date

    package init(
        project: String, name: String? = nil, group: String? = nil, sweep: String? = nil, jobType: String? = nil,
        config: [String: JSONValue] = [:], tags: [String] = [], host: String, time: Date
    ) {
        self.project = project
        self.name = name
        self.group = group
        self.sweep = sweep
        self.jobType = jobType
        self.config = config
        self.tags = tags
        self.host = host
        self.time = time
    }
}

/// What one log call wrote.
package struct MetricRow: Codable, Sendable, Hashable {
    package var step: Int64
    package var time: Date
    package var values: [String: Double]
    /// What is no number, or no float64: texts, structures, integers beyond 2^53.
    package var others: [String: JSONValue]

    package init(step: Int64, time: Date, values: [String: Double], others: [String: JSONValue] = [:]) {
        self.step = step
        self.time = time
        self.values = values
        self.others = others
    }

    private enum CodingKeys: String, CodingKey {
        case step
        case time
        case values
        case others
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        step = try container.decode(Int64.self, forKey: .step)
        time = try container.decode(Date.self, forKey: .time)
        values = try container.decode([String: Double].self, forKey: .values)
        others = try container.decodeIfPresent([String: JSONValue].self, forKey: .others) ?? [:]
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(step, forKey: .step)
        try container.encode(time, forKey: .time)
        try container.encode(values, forKey: .values)
        if !others.isEmpty { try container.encode(others, forKey: .others) }
    }
}

/// A file that a run made: a picture, a sound. Its bytes are uploaded before the record is sent.
package struct RunFile: Codable, Sendable, Hashable {
    /// What it shows, as `generation/image`.
    package var key: String
    package var step: Int64
    /// Relative to the run's directory and to the tracker's folder for the run, as `media/generation/image-0.png`.
    package var path: String
    package var mediaType: String
    package var bytes: Int
    package var sha256: String
    package var caption: String?
    package var time: Date

    package init(
        key: String, step: Int64, path: String, mediaType: String, bytes: Int, sha256: String, caption: String? = nil,
        time: Date
    ) {
        self.key = key
        self.step = step
        self.path = path
        self.mediaType = mediaType
        self.bytes = bytes
        self.sha256 = sha256
        self.caption = caption
        self.time = time
    }
}

package struct RunFinish: Codable, Sendable, Hashable {
    package var state: RunState
    package var exitCode: Int32
    package var message: String?
    package var time: Date

    package init(state: RunState, exitCode: Int32, message: String? = nil, time: Date) {
        self.state = state
        self.exitCode = exitCode
        self.message = message
        self.time = time
    }
}

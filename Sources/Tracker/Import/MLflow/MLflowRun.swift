import Experiment

struct MLflowExperiment: Sendable {
    let id: String
    let name: String

    init?(_ value: JSONValue) {
        guard let id = value.object?["experiment_id"]?.string, let name = value.object?["name"]?.string else {
            return nil
        }
        self.id = id
        self.name = name
    }
}

struct MLflowPoint: Sendable {
    let value: Double
    let step: Int64
    /// Milliseconds since 1970.
    let time: Int64

    /// Whole numbers and those that JSON has no word for are texts in some versions.
    init?(_ value: JSONValue) {
        guard let members = value.object, let number = Self.number(members["value"]) else { return nil }
        self.value = number
        step = Self.integer(members["step"]) ?? 0
        time = Self.integer(members["timestamp"]) ?? 0
    }

    private static func number(_ value: JSONValue?) -> Double? { value?.number ?? value?.string.flatMap { Double($0) } }

    static func integer(_ value: JSONValue?) -> Int64? { value?.integer ?? value?.string.flatMap { Int64($0) } }
}

struct MLflowRun: Sendable {
    let id: String
    let name: String?
    let user: String?
    let state: RunState
    /// Milliseconds since 1970.
    let start: Int64?
    let end: Int64?
    /// Names of its metrics.
    let metrics: [String]
    let params: [String: String]
    let tags: [String: String]

    init?(_ value: JSONValue) {
        guard let info = value.object?["info"]?.object, let id = (info["run_id"] ?? info["run_uuid"])?.string else {
            return nil
        }
        self.id = id
        name = info["run_name"]?.string
        user = info["user_id"]?.string
        state =
            switch info["status"]?.string {
            case "FINISHED": .finished
            case "FAILED": .failed
            case "KILLED": .killed
            case "SCHEDULED": .pending
            default: .running
            }
        start = MLflowPoint.integer(info["start_time"])
        end = MLflowPoint.integer(info["end_time"])
        let data = value.object?["data"]?.object ?? [:]
        metrics = (data["metrics"]?.array ?? []).compactMap { $0.object?["key"]?.string }
        params = Self.pairs(data["params"])
        tags = Self.pairs(data["tags"])
    }

    private static func pairs(_ value: JSONValue?) -> [String: String] {
        Dictionary(
            (value?.array ?? []).compactMap { pair in
                pair.object?["key"]?.string.map { ($0, pair.object?["value"]?.string ?? "") }
            }
        ) { $1 }
    }
}

extension MLflowRun {
    /// The parameters with their types back, which MLflow keeps as texts.
    var config: [String: JSONValue] { params.mapValues(Self.typed) }

    private static func typed(_ text: String) -> JSONValue {
        switch text {
        case "True", "true": return .bool(true)
        case "False", "false": return .bool(false)
        case "None": return .null
        default: break
        }
        // Only what is spelt as a number is spelt: "007" and "1_000" are names.
        if let integer = Int64(text), "\(integer)" == text { return .int(integer) }
        let isNumber =
            text.contains { $0 == "." || $0 == "e" || $0 == "E" } && text.allSatisfy { "+-.eE0123456789".contains($0) }
        if isNumber, let number = Double(text), number.isFinite { return .double(number) }
        return .string(text)
    }

    /// What the run's own tags say; `mlflow.` ones have their places elsewhere.
    var ownTags: [String] {
        tags.filter { !$0.key.hasPrefix("mlflow.") }.map { $0.value.isEmpty ? $0.key : "\($0.key)=\($0.value)" }
            .sorted()
    }
}

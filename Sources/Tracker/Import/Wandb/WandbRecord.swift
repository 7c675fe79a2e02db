import Experiment

/// What we read of W&B's transaction log (`wandb_internal.proto`; numbers of fields are those there).
enum WandbRecord {
    case run(Run)
    case config(WandbChanges)
    case summary(WandbChanges)
    case history(WandbChanges)
    /// `time`: microseconds since 1970.
    case stats(time: Int64, values: WandbChanges)
    case environment(Environment)
    case alert(title: String, text: String, level: String)
    case exit(code: Int32, runtime: Int64)
    /// Of no use here: telemetry, requests, uploads.
    case other

    struct Run {
        var id = ""
        var project = ""
        var group: String?
        var jobType: String?
        var name: String?
        var notes: String?
        var tags: [String] = []
        var sweep: String?
        var host: String?
        /// Microseconds since 1970.
        var start: Int64?
        var config = WandbChanges()
        var remote: String?
        var commit: String?
    }

    struct Environment {
        var values: [String: JSONValue] = [:]
        var program: String?
        var host: String?
        var username: String?
    }

    init(_ bytes: [UInt8]) {
        self = .other
        for field in ProtobufReader(bytes[...]) {
            switch field.number {
            case 2: self = .history(WandbChanges(items: field.fields, updates: 1))
            case 3: self = .summary(WandbChanges(items: field.fields, updates: 1, removals: 2))
            case 5: self = .config(WandbChanges(items: field.fields, updates: 1, removals: 2))
            case 7: self = .stats(field.fields)
            case 10: self = .alert(field.fields)
            case 17: self = .run(Run(field.fields))
            case 18: self = .exit(field.fields)
            case 26: self = .environment(Environment(field.fields))
            default: break
            }
        }
    }

    private static func stats(_ fields: ProtobufReader) -> WandbRecord {
        let time = fields.first { $0.number == 2 }.map { microseconds($0.fields) }
        return .stats(time: time ?? 0, values: WandbChanges(items: fields, updates: 3))
    }

    private static func alert(_ fields: ProtobufReader) -> WandbRecord {
        let texts = Dictionary(fields.map { ($0.number, $0.text) }) { $1 }
        return .alert(title: texts[1] ?? "", text: texts[2] ?? "", level: texts[3] ?? "INFO")
    }

    private static func exit(_ fields: ProtobufReader) -> WandbRecord {
        let numbers = Dictionary(fields.map { ($0.number, $0.int) }) { $1 }
        return .exit(code: Int32(truncatingIfNeeded: numbers[1] ?? 0), runtime: numbers[2] ?? 0)
    }

    /// Of a `google.protobuf.Timestamp`.
    fileprivate static func microseconds(_ fields: ProtobufReader) -> Int64 {
        let numbers = Dictionary(fields.map { ($0.number, $0.int) }) { $1 }
        let seconds = (numbers[1] ?? 0).multipliedReportingOverflow(by: 1_000_000)
        return seconds.overflow ? 0 : seconds.partialValue &+ (numbers[2] ?? 0) / 1000
    }
}

extension WandbRecord.Run {
    fileprivate init(_ fields: ProtobufReader) {
        for field in fields {
            switch field.number {
            case 1: id = field.text
            case 3: project = field.text
            case 4: config = WandbChanges(items: field.fields, updates: 1, removals: 2)
            case 6: group = field.text
            case 7: jobType = field.text
            case 8: name = field.text
            case 9: notes = field.text
            case 10: tags.append(field.text)
            case 12: sweep = field.text
            case 13: host = field.text
            case 17: start = WandbRecord.microseconds(field.fields)
            case 21: for part in field.fields { if part.number == 1 { remote = part.text } else { commit = part.text } }
            default: break
            }
        }
    }
}

extension WandbRecord.Environment {
    fileprivate init(_ fields: ProtobufReader) {
        var arguments: [JSONValue] = []
        for field in fields {
            switch field.number {
            case 1: values["os"] = .string(field.text)
            case 2: values["python"] = .string(field.text)
            case 5: arguments.append(.string(field.text))
            case 6: program = field.text
            case 7: values["codePath"] = .string(field.text)
            case 12: host = field.text
            case 13: username = field.text
            case 14: values["executable"] = .string(field.text)
            case 16: values["cpu_count"] = .int(field.int)
            case 18: values["gpu"] = .string(field.text)
            case 19: values["gpu_count"] = .int(field.int)
            case 25: values["cudaVersion"] = .string(field.text)
            default: break
            }
        }
        if !arguments.isEmpty { values["args"] = .array(arguments) }
    }
}

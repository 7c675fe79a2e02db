import Experiment

extension StageResources {
    static let keys = ["gpus", "gpu_memory", "cpus", "memory", "time"]

    /// `{gpus: 1, gpu_memory: 16GB, cpus: 4, memory: 32GB, time: 2h}`; what is not named is taken from `base`.
    init(yaml value: YAMLValue, base: StageResources = StageResources()) throws {
        self = base
        let reader = try MappingReader(value, subject: "'resources'", keys: StageResources.keys)
        if let value = reader.value("gpus") {
            guard case .scalar(.int(let count)) = value.content, (0...1024).contains(count) else {
                throw reader.wrongType("gpus", value, "a whole number from 0 to 1024")
            }
            gpus = Int(count)
        }
        cpus = try reader.positiveInt("cpus") ?? cpus
        gpuMemory = try reader.bytes("gpu_memory") ?? gpuMemory
        memory = try reader.bytes("memory") ?? memory
        time = try reader.seconds("time") ?? time
    }
}

/// Quantities with units.
extension MappingReader {
    func bytes(_ key: String) throws -> Int64? {
        let units: [(String, Double)] = [
            ("KiB", 0x1p10), ("MiB", 0x1p20), ("GiB", 0x1p30), ("TiB", 0x1p40), ("KB", 1e3), ("MB", 1e6),
            ("GB", 1e9), ("TB", 1e12), ("K", 0x1p10), ("M", 0x1p20), ("G", 0x1p30), ("T", 0x1p40),
        ]
        guard let number = try quantity(key, units, expected: "a size as 16GB or 512MiB") else { return nil }
        return Int64(number)
    }

    func seconds(_ key: String) throws -> Int? {
        let units: [(String, Double)] = [("s", 1), ("m", 60), ("h", 3600), ("d", 86400)]
        return try quantity(key, units, expected: "a duration as 90m, 2h or 1d").map { max(1, Int($0)) }
    }

    private func quantity(_ key: String, _ units: [(String, Double)], expected: String) throws -> Double? {
        guard let value = value(key) else { return nil }
        guard case .scalar(.string(let text)) = value.content,
            let (unit, factor) = units.first(where: { text.lowercased().hasSuffix($0.0.lowercased()) }),
            let number = Double(text.dropLast(unit.count).trimmingSpaces), number > 0, number * factor < 1e15
        else { throw wrongType(key, value, expected) }
        return number * factor
    }
}

extension Substring {
    fileprivate var trimmingSpaces: Substring {
        let start = drop { $0 == " " }
        return start.lastIndex { $0 != " " }.map { start[...$0] } ?? start[..<start.startIndex]
    }
}

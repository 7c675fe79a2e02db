import Experiment
import Yams

/// Reads one YAML document into values with positions; bounded in size, depth and aliases, whatever the text.
struct YAMLReader {
    static let maximumBytes = 256 * 1024
    static let maximumNodes = 100_000
    static let maximumDepth = 32
    /// The parser hashes the keys of mappings with their aliases expanded: a chain of n aliases may stand for
    /// 3^(n/3) values.
    static let maximumAliases = 16

    private let file: String
    private var nodes = 0

    private init(file: String) { self.file = file }

    /// Nil when the text holds no document.
    static func read(_ text: String, file: String) throws -> YAMLValue? {
        let start = SourcePosition(file: file, line: 1, column: 1)
        guard text.utf8.count <= maximumBytes else {
            throw SweepDefinitionError(
                .tooLarge, at: start,
                "the file has \(text.utf8.count) bytes, a sweep definition at most \(maximumBytes)")
        }
        guard aliases(in: text) <= maximumAliases else {
            throw SweepDefinitionError(
                .tooLarge, at: start, "more than \(maximumAliases) aliases (*name); write the values out instead")
        }
        var reader = YAMLReader(file: file)
        do {
            let parser = try Parser(yaml: text, resolver: .basic, encoding: .utf8)
            return try parser.singleRoot().map { try reader.value($0, depth: 0) }
        } catch let error as YamlError {
            throw SweepDefinitionError(error, file: file, text: text)
        }
    }

    private mutating func value(_ node: Node, depth: Int) throws -> YAMLValue {
        let place = position(node)
        nodes += 1
        guard nodes <= YAMLReader.maximumNodes else {
            throw SweepDefinitionError(.tooLarge, at: place, "more than \(YAMLReader.maximumNodes) values")
        }
        guard depth <= YAMLReader.maximumDepth else {
            throw SweepDefinitionError(
                .tooLarge, at: place, "values are nested deeper than \(YAMLReader.maximumDepth) levels")
        }
        let content: YAMLValue.Content =
            switch node {
            case .scalar(let scalar): .scalar(try self.scalar(scalar, at: place))
            case .sequence(let items): .sequence(try items.map { try value($0, depth: depth + 1) })
            case .mapping(let pairs): .mapping(try entries(pairs, depth: depth + 1))
            case .alias: throw SweepDefinitionError(.syntax, at: place, "an alias that stands for nothing")
            }
        return YAMLValue(content: content, position: place)
    }

    private func scalar(_ scalar: Node.Scalar, at place: SourcePosition) throws -> JSONValue {
        switch scalar.tag.rawValue {
        case "": return scalar.style == .plain ? YAMLScalar.resolve(plain: scalar.string) : .string(scalar.string)
        case "tag:yaml.org,2002:str", "!": return .string(scalar.string)
        case "tag:yaml.org,2002:int", "tag:yaml.org,2002:float":
            if let number = YAMLScalar.number(scalar.string) { return number }
            throw SweepDefinitionError(.wrongType, at: place, "'\(scalar.string.prefix(60))' is not a number")
        case "tag:yaml.org,2002:bool", "tag:yaml.org,2002:null": return YAMLScalar.resolve(plain: scalar.string)
        case let tag:
            throw SweepDefinitionError(.unsupported, at: place, "the YAML tag '\(tag.prefix(60))' is not known here")
        }
    }

    /// The entries of a mapping with its merge keys (`<<: *defaults`) resolved: what the mapping says itself wins.
    private mutating func entries(_ pairs: Node.Mapping, depth: Int) throws -> [YAMLValue.Entry] {
        var own: [YAMLValue.Entry] = []
        var merged: [YAMLValue.Entry] = []
        var seen: Set<String> = []
        for (keyNode, valueNode) in pairs {
            let place = position(keyNode)
            guard case .scalar(let key) = keyNode else {
                throw SweepDefinitionError(.wrongType, at: place, "a key must be a word, not a list or a mapping")
            }
            let value = try value(valueNode, depth: depth)
            if key.string == "<<", key.style == .plain {
                merged += try mergeable(value)
            } else if seen.insert(key.string).inserted {
                own.append(YAMLValue.Entry(key: key.string, keyPosition: place, value: value))
            } else {
                throw SweepDefinitionError(
                    .duplicateKey, at: place, "the key '\(key.string.prefix(60))' is here twice; keep one")
            }
        }
        return own + merged.filter { seen.insert($0.key).inserted }
    }

    private func mergeable(_ value: YAMLValue) throws -> [YAMLValue.Entry] {
        switch value.content {
        case .mapping(let entries): return entries
        case .sequence(let items): return try items.flatMap { try mergeable($0) }
        case .scalar:
            throw SweepDefinitionError(
                .wrongType, at: value.position, "'<<' merges a mapping, as in '<<: *defaults', not \(value.spoken)")
        }
    }

    private func position(_ node: Node) -> SourcePosition {
        SourcePosition(file: file, line: node.mark?.line ?? 1, column: node.mark?.column ?? 1)
    }

    /// An upper bound: a star within a text or a comment may count too.
    private static func aliases(in text: String) -> Int {
        var count = 0
        var before = UInt8(ascii: " ")
        var star = false
        for byte in text.utf8 {
            if star, byte > UInt8(ascii: " ") { count += 1 }
            star = byte == UInt8(ascii: "*") && " \t\n\r[{,:-?".utf8.contains(before)
            before = byte
        }
        return count
    }
}

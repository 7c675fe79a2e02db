/// Reads typed values out of a config, with one clear sentence for each mistake.
package struct ConfigReader {
    private let config: [String: JSONValue]

    package init(_ config: [String: JSONValue]) { self.config = config }

    package func value(_ key: String) -> JSONValue? {
        config[key] == .null ? nil : config[key]
    }

    package func string(_ key: String) throws(SettingsError) -> String? {
        guard let value = value(key) else { return nil }
        guard case .string(let text) = value else { throw wrongType(key, value, "a text") }
        return text
    }

    package func bool(_ key: String) throws(SettingsError) -> Bool? {
        guard let value = value(key) else { return nil }
        guard case .bool(let flag) = value else { throw wrongType(key, value, "true or false") }
        return flag
    }

    package func int(_ key: String, in range: ClosedRange<Int>) throws(SettingsError) -> Int? {
        guard let value = value(key) else { return nil }
        guard let number = value.number, let whole = Int(exactly: number) else {
            throw wrongType(key, value, "a whole number")
        }
        guard range.contains(whole) else {
            throw SettingsError(
                .invalidValue, "\(key) must be from \(range.lowerBound) to \(range.upperBound), not \(whole)")
        }
        return whole
    }

    package func number(_ key: String, in range: ClosedRange<Double>) throws(SettingsError) -> Double? {
        guard let value = value(key) else { return nil }
        guard let number = value.number else { throw wrongType(key, value, "a number") }
        guard range.contains(number) else {
            throw SettingsError(
                .invalidValue, "\(key) must be from \(range.lowerBound) to \(range.upperBound), not \(number)")
        }
        return number
    }

    /// A pair `[low, high]` of whole numbers with `low <= high`.
    package func range(_ key: String, in limits: ClosedRange<Int>) throws(SettingsError) -> ClosedRange<Int>? {
        guard let value = value(key) else { return nil }
        guard case .array(let items) = value, items.count == 2,
            let low = items[0].number.flatMap({ Int(exactly: $0) }),
            let high = items[1].number.flatMap({ Int(exactly: $0) })
        else { throw wrongType(key, value, "two whole numbers [low, high]") }
        guard low <= high, limits.contains(low), limits.contains(high) else {
            throw SettingsError(
                .invalidValue,
                "\(key) must rise and stay within \(limits.lowerBound) and \(limits.upperBound), not [\(low), \(high)]")
        }
        return low...high
    }

    private func wrongType(_ key: String, _ value: JSONValue, _ expected: String) -> SettingsError {
        SettingsError(.wrongType, "\(key) must be \(expected), not \(value.canonicalText)")
    }
}

import Experiment

/// Counts what a filter is made of while it is read.
struct FilterBudget {
    private var comparisons = 0
    private var values = 0

    mutating func spend(values count: Int = 1) throws(StoreError) {
        comparisons += 1
        values += count
        guard comparisons <= FilterLimits.comparisons, values <= FilterLimits.values else {
            throw StoreError(
                .tooLarge,
                "a filter has at most \(FilterLimits.comparisons) comparisons with \(FilterLimits.values) values")
        }
    }

    static func check(depth: Int) throws(StoreError) {
        guard depth <= FilterLimits.depth else {
            throw StoreError(.tooLarge, "a filter is nested at most \(FilterLimits.depth) deep")
        }
    }

    static func check(bytes: Int) throws(StoreError) {
        guard bytes <= FilterLimits.bytes else {
            throw StoreError(.tooLarge, "a filter has at most \(FilterLimits.bytes) bytes")
        }
    }

    /// Back references are the one feature of the pattern language whose cost is exponential.
    static func check(pattern: String) throws(StoreError) {
        guard pattern.utf8.count <= FilterLimits.patternBytes else {
            throw StoreError(.tooLarge, "a pattern has at most \(FilterLimits.patternBytes) bytes")
        }
        let escapes = zip(pattern.utf8, pattern.utf8.dropFirst())
        guard
            !escapes.contains(where: {
                $0 == UInt8(ascii: "\\") && (UInt8(ascii: "1")...UInt8(ascii: "9")).contains($1)
            })
        else { throw StoreError(.invalidQuery, "a pattern cannot refer back to its groups (\\1); write it without") }
    }
}

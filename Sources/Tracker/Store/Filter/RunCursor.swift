import FoundationEssentials

/// A place in a list of runs, after which the next page begins; clients get and give it as text.
package struct RunCursor: Sendable, Hashable {
    enum Place: Hashable {
        /// In a list by time of creation: what is added or deleted meanwhile moves nothing.
        case run(created: Date, number: Int32)
        /// In any other list: how many came before.
        case count(Int)
    }

    let place: Place

    init(_ place: Place) { self.place = place }

    /// Nil unless it is a cursor's ``text``.
    package init?(_ text: String) {
        let parts = text.dropFirst().split(separator: ".", omittingEmptySubsequences: false)
        switch (text.first, parts.count) {
        case ("r", 2):
            guard let microseconds = Int64(parts[0]), let number = Int32(parts[1]) else { return nil }
            place = .run(created: Date(timeIntervalSince1970: Double(microseconds) / 1_000_000), number: number)
        case ("c", 1):
            guard let count = Int(parts[0]), count >= 0 else { return nil }
            place = .count(count)
        default: return nil
        }
    }

    package var text: String {
        switch place {
        case .run(let created, let number):
            "r\(Int64((created.timeIntervalSince1970 * 1_000_000).rounded())).\(number)"
        case .count(let count): "c\(count)"
        }
    }
}

/// In which order runs are listed. Runs without the field come last, those with a text or NaN in place of a number just
/// before; of equals the older run comes first, or with a falling last term the newer.
package struct RunOrder: Sendable, Hashable {
    package struct Term: Sendable, Hashable {
        package var field: RunField
        package var ascending: Bool

        package init(_ field: RunField, ascending: Bool) {
            self.field = field
            self.ascending = ascending
        }
    }

    package var terms: [Term]

    package init(_ terms: [Term] = []) { self.terms = terms }

    package static let newestFirst = RunOrder([Term(.column(.createdAt), ascending: false)])

    /// W&B's order: `-summary_metrics.acc,+created_at`; without a sign a field rises. Nothing is `+created_at`.
    package init(wandb text: String) throws(StoreError) {
        self = try RunOrder(text) { text throws(StoreError) in try RunField(wandb: text) }
    }

    /// The same with the fields' names that people type (see ``RunField/init(words:)``).
    package init(words text: String) throws(StoreError) {
        self = try RunOrder(text) { text throws(StoreError) in try RunField(words: text) }
    }

    private init(_ text: String, field: (String) throws(StoreError) -> RunField) throws(StoreError) {
        let parts = text.split(separator: ",").map { $0.drop { $0 == " " } }.filter { !$0.isEmpty }
        guard parts.count <= FilterLimits.orderTerms else {
            throw StoreError(.tooLarge, "an order has at most \(FilterLimits.orderTerms) terms")
        }
        terms = []
        for part in parts {
            let sign = part.first.flatMap { "+-".contains($0) ? $0 : nil }
            let name = sign == nil ? part : part.dropFirst()
            terms.append(Term(try field(String(name)), ascending: sign != "-"))
        }
        if terms.isEmpty { terms = [Term(.column(.createdAt), ascending: true)] }
    }

    var isAscending: Bool { terms.last?.ascending ?? true }
}

/// An error that can tell a person what is wrong and what to do next.
///
/// `description` of a conforming type is the sentence for the person; details for the log go in `debugDescription`.
package protocol UserFacingError: Error, CustomStringConvertible {
    /// A short, stable, machine-readable name such as `unknown_key`.
    var code: String { get }
}

/// The word of `candidates` that `word` was most probably meant to be, if one is near (Levenshtein distance).
package func nearestWord(to word: String, among candidates: some Sequence<String>) -> String? {
    let scored = candidates.map { (word: $0, distance: editDistance(word.lowercased(), $0.lowercased())) }
    guard let best = scored.min(by: { ($0.distance, $0.word) < ($1.distance, $1.word) }),
        best.distance <= max(2, word.count / 3)
    else { return nil }
    return best.word
}

/// Says "; did you mean 'x'?" when a near word exists, else nothing.
package func didYouMean(_ word: String, among candidates: some Sequence<String>) -> String {
    nearestWord(to: word, among: candidates).map { "; did you mean '\($0)'?" } ?? ""
}

private func editDistance(_ left: String, _ right: String) -> Int {
    let (a, b) = (Array(left.prefix(64)), Array(right.prefix(64)))
    var row = Array(0...b.count)
    for (i, x) in a.enumerated() {
        var diagonal = row[0]
        row[0] = i + 1
        for (j, y) in b.enumerated() {
            let substitution = diagonal + (x == y ? 0 : 1)
            diagonal = row[j + 1]
            row[j + 1] = min(substitution, row[j] + 1, diagonal + 1)
        }
    }
    return row[b.count]
}

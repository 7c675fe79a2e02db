/// Class names as sequences of words, so that classes share what their names share.
package struct LabelWords: Sendable, Hashable {
    /// Token 0 fills up names that are shorter than the longest.
    package let vocabulary: [String]
    /// The tokens of each class, all of one length.
    package let names: [[Int32]]

    package init(_ labels: [String]) {
        let split = labels.map { label in
            label.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init)
        }
        let words = Set(split.joined()).sorted()
        let number = Dictionary(uniqueKeysWithValues: words.enumerated().map { ($1, Int32($0 + 1)) })
        let longest = max(1, split.map(\.count).max() ?? 1)
        vocabulary = [""] + words
        names = split.map { name in
            name.compactMap { number[$0] } + [Int32](repeating: 0, count: longest - name.count)
        }
    }

    package var length: Int { names.first?.count ?? 1 }

    /// The class with most words where these tokens have them; of equals the first.
    package func label(of tokens: [Int32]) -> Int32 {
        func agreement(_ name: [Int32]) -> Int { zip(name, tokens).count { $0 == $1 } }
        let best = names.indices.max { (agreement(names[$0]), -$0) < (agreement(names[$1]), -$1) }
        return Int32(best ?? 0)
    }
}

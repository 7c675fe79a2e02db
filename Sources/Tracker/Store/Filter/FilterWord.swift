/// A piece of a filter in words.
enum FilterWord: Hashable {
    /// Field, keyword or value; `isQuoted` where any of it was.
    case text(String, isQuoted: Bool)
    case comparison(String)
    case open
    case close
    case comma

    /// Takes `config.lr<0.01 and state=finished` apart. Quotes (' or ") keep what is between them together, so that
    /// `summary.'a b'` and `name='and'` can be written; a doubled quote within stands for itself.
    static func split(_ text: String) throws(StoreError) -> [FilterWord] {
        var words: [FilterWord] = []
        let characters = Array(text)
        var place = 0
        while place < characters.count {
            let character = characters[place]
            switch character {
            case "(": words.append(.open)
            case ")": words.append(.close)
            case ",": words.append(.comma)
            case _ where character.isWhitespace: break
            case _ where comparisonCharacters.contains(character):
                let end = characters[place...].firstIndex { !comparisonCharacters.contains($0) } ?? characters.count
                words.append(.comparison(String(characters[place..<end])))
                place = end
                continue
            default:
                words.append(try quotable(characters, &place))
                continue
            }
            place += 1
        }
        return words
    }

    private static let comparisonCharacters: Set<Character> = ["<", ">", "=", "!", "~"]
    private static let ends: Set<Character> = comparisonCharacters.union(["(", ")", ","])

    private static func quotable(_ characters: [Character], _ place: inout Int) throws(StoreError) -> FilterWord {
        var text = ""
        var isQuoted = false
        while place < characters.count, !characters[place].isWhitespace, !ends.contains(characters[place]) {
            let character = characters[place]
            place += 1
            guard character == "'" || character == "\"" else {
                text.append(character)
                continue
            }
            isQuoted = true
            while true {
                guard place < characters.count else {
                    throw StoreError(.invalidQuery, "a quote (\(character)) in the filter does not end; close it")
                }
                if characters[place] == character {
                    place += 1
                    // Doubled: it stands for itself.
                    guard place < characters.count, characters[place] == character else { break }
                }
                text.append(characters[place])
                place += 1
            }
        }
        return .text(text, isQuoted: isQuoted)
    }
}

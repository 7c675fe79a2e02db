import Experiment

/// Cuts a condition into words, texts and signs.
struct PredicateLexer {
    enum Token: Hashable {
        /// A bare word: a name, a keyword or a number.
        case word(String)
        case text(String)
        case sign(String)
    }

    struct Placed {
        var token: Token
        /// Characters before it in the condition.
        var offset: Int
    }

    struct Failure: Error {
        var offset: Int
        var message: String
    }

    private static let signs = ["==", "!=", "<=", ">=", "<", ">", "(", ")", "[", "]", ",", "="]

    static func tokens(_ text: String) throws(Failure) -> [Placed] {
        let characters = Array(text)
        var tokens: [Placed] = []
        var index = 0
        while index < characters.count {
            let character = characters[index]
            if character.isWhitespace {
                index += 1
            } else if character == "\"" || character == "'" {
                guard let end = characters[(index + 1)...].firstIndex(of: character) else {
                    throw Failure(offset: index, message: "the text that begins with \(character) does not end")
                }
                tokens.append(Placed(token: .text(String(characters[(index + 1)..<end])), offset: index))
                index = end + 1
            } else if let sign = signs.first(where: { characters[index...].starts(with: $0) }) {
                guard sign != "=" else {
                    throw Failure(offset: index, message: "'=' compares nothing; write '=='")
                }
                tokens.append(Placed(token: .sign(sign), offset: index))
                index += sign.count
            } else if isWord(character) {
                let end = characters[index...].firstIndex { !isWord($0) } ?? characters.count
                tokens.append(Placed(token: .word(String(characters[index..<end])), offset: index))
                index = end
            } else {
                throw Failure(offset: index, message: "'\(character)' has no meaning here")
            }
        }
        return tokens
    }

    /// Names of modality subsets (`image+audio`) and paths are words too.
    private static func isWord(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || "_.-+/@~%:$".contains(character)
    }
}

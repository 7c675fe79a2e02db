/// Why a text is no JSON.
package struct JSONParseError: UserFacingError, Hashable {
    let what: String
    /// In bytes from the text's beginning.
    package let offset: Int

    package var code: String { "bad_json" }
    package var description: String { "not valid JSON: \(what), at byte \(offset)" }
}

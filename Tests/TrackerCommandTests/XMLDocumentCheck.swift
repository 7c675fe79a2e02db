import FoundationXML

/// Whether a text is well-formed XML.
enum XMLDocumentCheck {
    struct Malformed: Error {}

    static func check(_ text: String) throws {
        guard XMLParser(data: .init(text.utf8)).parse() else { throw Malformed() }
    }
}

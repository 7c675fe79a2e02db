/// What an artifact may be called; whoever sends more is wrong or hostile.
enum ArtifactLimits {
    static let name = 128
    static let aliases = 100
    static let text = 1 << 20
    static let metadata = 4 << 20

    static func check(_ new: NewArtifact) throws {
        for (what, text) in [("name", new.collection), ("type", new.type)] + new.tags.map({ ("tag", $0) }) {
            try check(name: text, what)
        }
        try new.aliases.forEach(check(alias:))
        guard new.aliases.count <= aliases, new.tags.count <= aliases else {
            throw StoreError(.invalidArtifact, "an artifact has at most \(aliases) aliases and as many tags")
        }
        try check(description: new.description, metadata: new.metadata)
    }

    static func check(description: String?, metadata: String?) throws {
        guard (description?.utf8.count ?? 0) <= text, (metadata?.utf8.count ?? 0) <= self.metadata else {
            throw StoreError(
                .tooLarge, "an artifact's description may have \(text) bytes and its metadata \(self.metadata)")
        }
    }

    static func check(name text: String, _ what: String) throws {
        let isPlain = text.unicodeScalars.allSatisfy {
            $0.value >= 32 && $0.value != 127 && !"/:".unicodeScalars.contains($0)
        }
        guard (1...name).contains(text.utf8.count), isPlain else {
            throw StoreError(
                .invalidArtifact, "an artifact's \(what) is one line of 1 to \(name) bytes without '/' and ':'")
        }
    }

    /// `v` and a number names a version.
    static func check(alias: String) throws {
        try check(name: alias, "alias")
        guard alias.first != "v" || alias.count == 1 || !alias.dropFirst().allSatisfy(\.isNumber) else {
            throw StoreError(.invalidArtifact, "'\(alias)' names a version and cannot be an alias; choose another word")
        }
    }
}

/// What a person changes of a run; nil leaves as it is.
package struct RunEdit: Codable, Sendable, Hashable {
    package var name: String?
    package var group: String?
    package var notes: String?
    package var tags: [String]?

    package init(name: String? = nil, group: String? = nil, notes: String? = nil, tags: [String]? = nil) {
        self.name = name
        self.group = group
        self.notes = notes
        self.tags = tags
    }

    /// - Throws: `invalidQuery` for what is too long for a name.
    func check() throws(StoreError) {
        let names = [name, group].compactMap(\.self) + (tags ?? [])
        guard names.allSatisfy({ (1...256).contains($0.utf8.count) && !$0.utf8.contains(0) }) else {
            throw StoreError(.invalidQuery, "names, groups and tags have 1 to 256 bytes and no NUL")
        }
        guard (tags?.count ?? 0) <= 256 else { throw StoreError(.invalidQuery, "a run has at most 256 tags") }
        guard let notes else { return }
        guard notes.utf8.count <= 1 << 20, !notes.utf8.contains(0) else {
            throw StoreError(.invalidQuery, "notes have at most a megabyte and no NUL")
        }
    }
}

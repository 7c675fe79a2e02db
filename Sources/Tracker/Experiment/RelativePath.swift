/// A path below a folder that cannot lead out of it, however it is spelt.
///
/// Only letters, digits, space and `_ - . + = , @ ( )` are allowed in a name, and no name may begin with a dot: that
/// leaves no room for `..`, absolute paths, backslashes, NUL, percent escapes that were decoded once too few, `;` or `#`.
package struct RelativePath: Sendable, Hashable, CustomStringConvertible {
    package let names: [String]

    package init?(_ text: String) {
        guard (1...1024).contains(text.utf8.count) else { return nil }
        let names = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard names.count <= 16, names.allSatisfy(Self.isSafe) else { return nil }
        self.names = names
    }

    package var description: String { names.joined(separator: "/") }

    private static func isSafe(_ name: String) -> Bool {
        guard (1...200).contains(name.utf8.count), name.utf8.first != UInt8(ascii: ".") else { return false }
        return name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: " _-.+=,@()".utf8.contains(byte)
            }
        }
    }
}

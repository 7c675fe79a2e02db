import Foundation

/// Files of `/proc`, whose size is told as 0.
enum SmallFile {
    static func data(_ path: String) -> Data? { FileManager.default.contents(atPath: path) }
    static func text(_ path: String) -> String? { data(path).map { String(decoding: $0, as: UTF8.self) } }
}

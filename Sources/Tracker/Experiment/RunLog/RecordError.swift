/// A record that no tracker takes: refused when it is logged, because in the log it would hold up all that follow.
package struct RecordError: UserFacingError, Hashable {
    package let code = "bad_metric_name"
    package let description: String

    /// Bytes that a metric's name may have.
    package static let nameLimit = 512

    static func check(name: String) throws(RecordError) {
        guard (1...nameLimit).contains(name.utf8.count), !name.utf8.contains(0) else {
            throw RecordError(
                description: "a metric's name must have 1 to \(nameLimit) bytes and no NUL, not "
                    + "'\(name.prefix(40))' of \(name.utf8.count) bytes; rename it")
        }
    }
}

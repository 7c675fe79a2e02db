import Experiment

/// Why a backup cannot be made or taken back, or something cannot be cleaned up.
package struct OperationError: UserFacingError, Hashable {
    package let code: String
    package let description: String

    init(_ code: String, _ description: String) {
        self.code = code
        self.description = description
    }

    static func unreadable(_ path: String) -> OperationError {
        OperationError("cannot_read", "\(path) cannot be read; is it there, and yours?")
    }

    static func unwritable(_ path: String) -> OperationError {
        OperationError("cannot_write", "\(path) cannot be written; is there space, and is the folder yours?")
    }

    static func badArchive(_ reason: String) -> OperationError {
        OperationError("bad_archive", "this is no whole backup of a tracker: \(reason); nothing was changed")
    }
}

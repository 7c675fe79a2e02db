import Experiment

/// Why a trainer could not be started.
package struct LauncherError: UserFacingError, Hashable {
    package let code: String
    package let description: String

    init(_ code: String, _ description: String) {
        self.code = code
        self.description = description
    }
}

import Experiment

/// Why somebody's data cannot be brought along.
package struct ImportError: UserFacingError, Hashable {
    package let code: String
    package let description: String

    init(_ code: String, _ description: String) {
        self.code = code
        self.description = description
    }
}

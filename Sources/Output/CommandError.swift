import Experiment

/// What a command cannot do with what it was given.
package struct CommandError: UserFacingError, Hashable {
    package let code: String
    package let description: String

    package init(_ code: String, _ description: String) {
        self.code = code
        self.description = description
    }
}

import Experiment

/// What a command cannot do with what it was given.
struct CommandError: UserFacingError, Hashable {
    let code: String
    let description: String

    init(_ code: String, _ description: String) {
        self.code = code
        self.description = description
    }
}

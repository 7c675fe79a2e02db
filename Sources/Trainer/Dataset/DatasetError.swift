import Experiment

/// Anything about clips, tokenizers and token sets that a person has to hear of.
package struct DatasetError: UserFacingError, Hashable, CustomDebugStringConvertible {
    package enum Code: String, Sendable {
        // Clips
        case noFFmpeg = "no_ffmpeg"
        case noPython = "no_python"
        case download = "download_failed"
        case damagedFilm = "damaged_film"
        case clipList = "clip_list"
        case noClips = "no_clips"
        case emptyFile = "empty_file"
        case noSound = "no_sound"
        case noPicture = "no_picture"
        case tooShort = "too_short"
        case unreadableClip = "unreadable_clip"
        // Token sets and tokenizers
        case missingFile = "missing_file"
        case notATokenSet = "not_a_token_set"
        case damagedTokenSet = "damaged_token_set"
        case vocabularyTooSmall = "vocabulary_too_small"
        case damagedTokenizer = "damaged_tokenizer"
        case wrongTokens = "wrong_tokens"
        case exists = "already_exists"
        case option = "invalid_option"
        case write = "write_failed"
        // Masking
        case masking = "masking"
    }

    package let kind: Code
    package let description: String
    /// What a program said, for the log; may be long.
    package let detail: String?

    package var code: String { kind.rawValue }
    package var debugDescription: String { detail.map { "\(description)\n\($0)" } ?? description }

    package init(_ kind: Code, _ description: String, detail: String? = nil) {
        self.kind = kind
        self.description = description
        self.detail = detail
    }
}

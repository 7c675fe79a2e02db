import Experiment
import FoundationEssentials
package import TrackerClient

/// Puts pictures and sounds below `media/` of a run's directory and into its log.
package struct MediaLog {
    private let directory: String
    private let logger: RunLogger

    package init(directory: String, logger: RunLogger) {
        self.directory = directory
        self.logger = logger
    }

    /// `key` is what the clip shows, as `generation/image`, and its place below `media/`; `step` the clip's number.
    package func add(_ clip: DecodedClip, key: String, step: Int, caption: String) throws(TrainingError) {
        let path = "media/\(key)-\(step).\(clip.fileExtension)"
        let file = URL(filePath: "\(directory)/\(path)")
        try SafeFile.makeFolder(file.deletingLastPathComponent().path)
        try SafeFile.write(Data(clip.bytes), to: file.path)
        logger.log(
            .file(
                RunFile(
                    key: key, step: Int64(step), path: path, mediaType: clip.mediaType, bytes: clip.bytes.count,
                    sha256: SHA256.hex(clip.bytes), caption: caption, time: Date())))
    }
}

/// A window of media files with what is known of it.
package struct Clip: Sendable, Hashable {
    package let id: String
    /// File with the picture.
    package let video: String
    /// File with the sound; often the same.
    package let audio: String
    /// Seconds into both files.
    package let start: Double
    /// Seconds; nil: to the end of the file, at most the sound's length.
    package let duration: Double?
    package let label: String
    package let split: Split
}

extension Clip {
    /// Reads and decodes the clip. Throws one sentence with the file for anything that makes it unusable.
    func media(_ format: MediaFormat) async throws(DatasetError) -> ClipMedia {
        let picture = try await FFmpeg.describe(video)
        guard picture.hasPicture else {
            throw DatasetError(.noPicture, "\(video) has no picture: leave it out (--skip-bad)")
        }
        let heard = audio == video ? picture : try await FFmpeg.describe(audio)
        guard heard.hasSound else {
            throw DatasetError(
                .noSound, "\(audio) has no sound: put a .wav of the same name in audios/ or leave it out (--skip-bad)")
        }
        let available = min(picture.duration - start, duration ?? Double(format.audioSeconds))
        guard available >= format.frameSpan else {
            throw DatasetError(
                .tooShort,
                "\(video) is too short: \(format.frames) frames need \(format.frameSpan) s, "
                    + "and it has \(max(0, available)) s; leave it out (--skip-bad)")
        }
        async let frames = FFmpeg.frames(of: video, around: start + available / 2, format: format)
        async let sound = FFmpeg.sound(of: audio, from: start, format: format)
        do {
            return ClipMedia(side: format.side, frames: try await frames, sound: try await sound)
        } catch let error as DatasetError {
            throw error
        } catch {
            throw DatasetError(.unreadableClip, "\(video) cannot be read", detail: "\(error)")
        }
    }
}

import Experiment
import FoundationEssentials

/// ffmpeg and ffprobe as child processes: a damaged file can crash or stall them, never this program.
package enum FFmpeg {
    /// What ffprobe says of a file.
    struct Description: Sendable, Hashable {
        let hasPicture: Bool
        let hasSound: Bool
        /// Seconds.
        let duration: Double
    }

    /// The first line of `ffmpeg -version`.
    package static func version() async throws(DatasetError) -> String {
        let outcome = try await run("ffmpeg", ["-version"], about: "ffmpeg")
        let text = String(decoding: outcome.output, as: UTF8.self)
        return text.split(separator: "\n").first.map(String.init) ?? "ffmpeg"
    }

    /// Throws a sentence for a file that is missing, empty or not a media file.
    static func describe(_ path: String) async throws(DatasetError) -> Description {
        guard let size = fileSize(path) else {
            throw DatasetError(.missingFile, "\(path) is missing: check the clip list and the folder")
        }
        guard size > 0 else {
            throw DatasetError(.emptyFile, "\(path) has 0 bytes: fetch it again or leave it out (--skip-bad)")
        }
        let outcome = try await run(
            "ffprobe",
            ["-v", "error", "-show_entries", "format=duration:stream=codec_type", "-of", "json", "--", path],
            about: path)
        struct Answer: Decodable {
            struct Stream: Decodable {
                let codec_type: String?
            }
            struct Format: Decodable {
                let duration: String?
            }
            let streams: [Stream]?
            let format: Format?
        }
        guard outcome.succeeded, let answer = try? JSONCoding.decode(Answer.self, from: Data(outcome.output)),
            let duration = answer.format?.duration.flatMap(Double.init)
        else { throw unreadable(path, outcome.messages) }
        let kinds = (answer.streams ?? []).compactMap(\.codec_type)
        return Description(
            hasPicture: kinds.contains("video"), hasSound: kinds.contains("audio"), duration: duration)
    }

    /// Frames around `middle` (seconds), chosen by timestamp, scaled to squares. Where the file ends too early the
    /// last frame stands for those that are missing.
    static func frames(
        of path: String, around middle: Double, format: MediaFormat
    ) async throws(DatasetError) -> [[UInt8]] {
        let start = max(0, middle - format.frameSpan / 2)
        let filter =
            "fps=1000/\(format.frameSpacing):start_time=0:round=near,"
            + "scale=\(format.side):\(format.side):flags=bicubic"
        let outcome = try await run(
            "ffmpeg",
            [
                "-nostdin", "-v", "error", "-threads", "1", "-ss", "\(start)", "-i", "file:" + path, "-an", "-vf",
                filter, "-frames:v", "\(format.frames)", "-f", "rawvideo", "-pix_fmt", "rgb24", "pipe:1",
            ], about: path)
        let size = format.bytesPerFrame
        var frames = stride(from: 0, to: outcome.output.count - size + 1, by: size).map {
            Array(outcome.output[$0..<$0 + size])
        }
        guard outcome.succeeded, let last = frames.last else { throw unreadable(path, outcome.messages) }
        while frames.count < format.frames { frames.append(last) }
        return frames
    }

    /// Mono samples from `start` (seconds), followed by silence where the file ends too early.
    static func sound(
        of path: String, from start: Double, format: MediaFormat
    ) async throws(DatasetError) -> [Float] {
        // The padding must follow the resampling inside one filter chain, or it counts samples of the old rate.
        let outcome = try await run(
            "ffmpeg",
            [
                "-nostdin", "-v", "error", "-ss", "\(start)", "-t", "\(format.audioSeconds)", "-i", "file:" + path,
                "-vn", "-ac", "1", "-af", "aresample=\(format.sampleRate),apad=whole_len=\(format.sampleCount)",
                "-f", "f32le", "pipe:1",
            ], about: path)
        guard outcome.succeeded, outcome.output.count >= 4 else { throw unreadable(path, outcome.messages) }
        var samples = outcome.output.withUnsafeBytes { bytes in
            (0..<min(bytes.count / 4, format.sampleCount)).map {
                Float(bitPattern: UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self)))
            }
        }
        samples += [Float](repeating: 0, count: format.sampleCount - samples.count)
        // A damaged float stream may hold anything; tokenizers need numbers.
        return samples.map { $0.isFinite ? $0 : 0 }
    }

    /// Runs ffmpeg or ffprobe; `about` is the file that a failure is blamed on.
    static func run(
        _ name: String, _ arguments: [String], about: String, seconds: Int = 120
    ) async throws(DatasetError) -> Program.Outcome {
        do throws(Program.Failure) {
            return try await Program.run(name, arguments, seconds: seconds)
        } catch {
            switch error {
            case .notInstalled:
                throw DatasetError(.noFFmpeg, "\(name) is not installed: apt-get install ffmpeg")
            case .timedOut:
                throw DatasetError(
                    .unreadableClip,
                    "\(about) kept \(name) busy for more than \(seconds) s: leave it out (--skip-bad)")
            case .failed(let reason):
                throw unreadable(about, reason)
            }
        }
    }

    private static func unreadable(_ path: String, _ detail: String) -> DatasetError {
        DatasetError(
            .unreadableClip, "\(path) cannot be read by ffmpeg: fetch it again or leave it out (--skip-bad)",
            detail: detail)
    }
}

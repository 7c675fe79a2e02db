import FoundationEssentials
import Glibc
import Tensor

/// Clips made by ffmpeg in which sight and sound belong together: the shape decides the timbre, the colour the pitch,
/// the motion how the loudness moves. What a model can predict from one modality about another is thus known.
struct SyntheticSource: ClipSource {
    /// Folder that clips are kept in.
    let directory: String
    let count: Int
    let seed: Int
    /// Edge of the picture in pixels, and seconds.
    var side = 256
    var seconds = 5

    var name: String { "synthetic" }
    var credit: String { "synthetic clips made by ffmpeg; free of rights" }
    var options: [String: String] { ["count": "\(count)", "seed": "\(seed)", "side": "\(side)", "seconds": "\(seconds)"] }

    private enum Shape: String, CaseIterable {
        case square, disc, stripes
    }

    private enum Motion: String, CaseIterable {
        case rising, crossing, resting
    }

    private static let colours = ["red", "orange", "yellow", "lime", "cyan", "blue", "magenta", "white"]

    /// Every fifth clip is for evaluation.
    func clips() async throws(DatasetError) -> [Clip] {
        guard count > 0 else { throw DatasetError(.option, "--clips must be at least 1") }
        let folder = "\(directory)/synthetic-\(seed)-\(side)px-\(seconds)s"
        guard (try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)) != nil
        else { throw DatasetError(.write, "\(folder) cannot be written: check the folder's rights") }
        return try await inParallel(Array(0..<count), workers: 2) { index throws(DatasetError) in
            try await makeClip(index, in: folder)
        }
    }

    private func makeClip(_ index: Int, in folder: String) async throws(DatasetError) -> Clip {
        var generator = Xoshiro256(text: "synthetic/\(seed)/\(index)")
        let shape = Shape.allCases[index % 3]
        let motion = Motion.allCases[index / 3 % 3]
        let colour = Int.random(in: 0..<SyntheticSource.colours.count, using: &generator)
        let path = "\(folder)/\(index).mkv"
        if !FileManager.default.fileExists(atPath: path) {
            let temporary = "\(folder)/\(index).\(getpid()).tmp.mkv"
            let outcome = try await FFmpeg.run(
                "ffmpeg",
                arguments(shape, motion, colour: colour, phase: generator.uniform(), to: temporary), about: temporary)
            guard outcome.succeeded, rename(temporary, path) == 0 else {
                unlink(temporary)
                throw DatasetError(
                    .write, "ffmpeg could not make \(path): check the disk's space", detail: outcome.messages)
            }
        }
        return Clip(
            id: "synthetic_\(index)", video: path, audio: path, start: 0, duration: Double(seconds),
            label: "\(motion.rawValue) \(shape.rawValue)", split: index % 5 == 4 ? .eval : .train)
    }

    private func arguments(
        _ shape: Shape, _ motion: Motion, colour: Int, phase: Double, to path: String
    ) -> [String] {
        let (edge, room) = (side / 3, side - side / 3)
        let inside =
            switch shape {
            case .square: "1"
            case .disc: "lte(hypot(X-W/2,Y-H/2),W/2)"
            case .stripes: "lt(mod(X,W/4),W/8)"
            }
        // A position that goes to and fro between 0 and 1 in two seconds.
        let swing = "abs(mod(t+\(2 * phase),2)-1)"
        let (x, y) =
            switch motion {
            case .rising: ("\(phase)*\(room)", "\(swing)*\(room)")
            case .crossing: ("\(swing)*\(room)", "\(phase)*\(room)")
            case .resting: ("\(room)/2", "\(phase)*\(room)")
            }
        let picture = "color=c=0x203040:s=\(side)x\(side):r=25:d=\(seconds)"
        let sprite =
            "color=c=\(SyntheticSource.colours[colour]):s=\(edge)x\(edge):r=25:d=\(seconds),format=rgba,"
            + "geq=r='r(X,Y)':g='g(X,Y)':b='b(X,Y)':a='255*\(inside)'"
        return [
            "-nostdin", "-v", "error", "-threads", "1", "-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", sprite,
            "-f", "lavfi", "-i", sound(shape, motion, colour: colour, swing: swing), "-filter_complex",
            "[0][1]overlay=x='\(x)':y='\(y)'", "-c:v", "mjpeg", "-q:v", "3", "-pix_fmt", "yuvj444p", "-c:a",
            "pcm_s16le", "-fflags", "+bitexact", "-flags", "+bitexact", path,
        ]
    }

    private func sound(_ shape: Shape, _ motion: Motion, colour: Int, swing: String) -> String {
        // Pitches climb by whole tones from A3.
        let pitch = 220 * pow(2, Double(colour) / 6)
        let wave =
            switch shape {
            case .square: "sgn(sin(2*PI*\(pitch)*t))/2"
            case .disc: "sin(2*PI*\(pitch)*t)"
            case .stripes: "(mod(\(pitch)*t,1)-0.5)"
            }
        let loudness =
            switch motion {
            case .rising: "(0.1+0.5*(1-\(swing)))"
            case .crossing: "(0.35+0.25*sin(16*PI*t))"
            case .resting: "0.4"
            }
        return "aevalsrc=exprs='\(loudness)*\(wave)':s=24000:d=\(seconds)"
    }
}

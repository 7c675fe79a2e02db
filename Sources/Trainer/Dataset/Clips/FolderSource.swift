import Experiment
import FoundationEssentials

/// The report's layout: `videos/NAME_TIMESTAMP.mp4`, `audios/NAME_TIMESTAMP.wav` (optional where the video has sound)
/// and a clip list `video_clip_name,timestamp,class,group_name`.
struct FolderSource: ClipSource {
    let path: String
    let list: String

    var name: String { "folder" }
    var credit: String { "clips in \(path); their rights are their makers'" }
    var options: [String: String] { ["path": path, "list": list] }

    static let columns = ["video_clip_name", "timestamp", "class", "group_name"]

    func clips() async throws(DatasetError) -> [Clip] {
        guard let data = FileManager.default.contents(atPath: list) else {
            throw DatasetError(.clipList, "the clip list \(list) cannot be read: give a CSV file with --list")
        }
        let rows = CSVTable(String(decoding: data, as: UTF8.self)).rows
        guard let header = rows.first, FolderSource.columns.allSatisfy(header.fields.contains) else {
            throw DatasetError(
                .clipList,
                "the clip list \(list) must begin with the line \(FolderSource.columns.joined(separator: ","))")
        }
        var clips: [Clip] = []
        var seen: Set<String> = []
        for row in rows.dropFirst() {
            let clip = try clip(row.fields, line: row.line, header: header.fields)
            if seen.insert(clip.id).inserted { clips.append(clip) }
        }
        guard !clips.isEmpty else { throw DatasetError(.noClips, "the clip list \(list) names no clip") }
        return clips
    }

    private func clip(_ fields: [String], line: Int, header: [String]) throws(DatasetError) -> Clip {
        guard fields.count == header.count else {
            throw DatasetError(
                .clipList, "line \(line) of \(list) has \(fields.count) fields where the first has \(header.count)")
        }
        let row = Dictionary(zip(header, fields)) { first, _ in first }
        let name = row["video_clip_name"] ?? ""
        guard !name.isEmpty, !name.contains("/"), !name.contains("\0") else {
            throw DatasetError(.clipList, "line \(line) of \(list) has no usable video_clip_name: '\(name)'")
        }
        guard let timestamp = row["timestamp"].flatMap({ Int($0) }), timestamp >= 0 else {
            throw DatasetError(
                .clipList,
                "line \(line) of \(list) has the timestamp '\(row["timestamp"] ?? "")': it must be a whole number")
        }
        let digits = String(timestamp)
        let id = "\(name)_\(String(repeating: "0", count: max(0, 6 - digits.count)))\(digits)"
        let video = "\(path)/videos/\(id).mp4"
        let wav = "\(path)/audios/\(id).wav"
        return Clip(
            id: id, video: video, audio: FileManager.default.fileExists(atPath: wav) ? wav : video, start: 0,
            duration: nil, label: row["class"] ?? "", split: FolderSource.split(of: row["group_name"] ?? "", clip: name))
    }

    /// Groups with an evaluation's name are eval, those called train are train; of others a tenth is eval, chosen by
    /// the clip's name, so that clips cut from one video stay together.
    private static func split(of group: String, clip name: String) -> Split {
        switch group.lowercased() {
        case "eval", "evaluation", "test", "val", "validation": .eval
        case "train", "training": .train
        default: SHA256.hex(name).hasPrefix("0") || SHA256.hex(name).hasPrefix("1") ? .eval : .train
        }
    }
}

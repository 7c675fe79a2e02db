import Experiment
import Foundation
import Testing

@testable import Dataset

@Suite("Clip lists and windows")
struct ClipSourceTests {
    @Test(
        "CSV is read as it is written",
        arguments: [
            ("a,b\n1,2\n", [["a", "b"], ["1", "2"]]),
            ("a,b\r\n1,2", [["a", "b"], ["1", "2"]]),
            ("\u{FEFF}a\n\n\"x, y\"\n", [["a"], ["x, y"]]),
            ("\"say \"\"hi\"\"\",\"two\nlines\",\n", [["say \"hi\"", "two\nlines", ""]]),
            ("", []),
        ])
    func csv(_ text: String, _ fields: [[String]]) {
        #expect(CSVTable(text).rows.map(\.fields) == fields)
    }

    @Test("The line of a row counts lines inside quotes")
    func csvLines() {
        #expect(CSVTable("a\n\"b\nc\"\n\nd").rows.map(\.line) == [1, 2, 5])
    }

    @Test("A clip list gives files, labels and splits")
    func folder() async throws {
        try await withFolder { folder in
            try FileManager.default.createDirectory(atPath: "\(folder)/audios", withIntermediateDirectories: true)
            try Data([1]).write(to: URL(filePath: "\(folder)/audios/x_000006.wav"))
            let list = "\(folder)/clips.csv"
            try Data(
                """
                video_clip_name,timestamp,class,group_name
                x,6,"motorboat, speedboat",train
                -y,1234567,piano,TEST
                x,6,again,train

                """.utf8
            ).write(to: URL(filePath: list))
            let clips = try await FolderSource(path: folder, list: list).clips()
            #expect(clips.map(\.id) == ["x_000006", "-y_1234567"])
            #expect(clips.map(\.label) == ["motorboat, speedboat", "piano"])
            #expect(clips.map(\.split) == [.train, .eval])
            #expect(clips[0].audio == "\(folder)/audios/x_000006.wav")
            #expect(clips[1].audio == clips[1].video)
        }
    }

    @Test(
        "A bad clip list is refused with its line",
        arguments: [
            ("name,timestamp\n", "must begin with the line video_clip_name,timestamp,class,group_name"),
            ("video_clip_name,timestamp,class,group_name\n", "names no clip"),
            ("video_clip_name,timestamp,class,group_name\na,1,b\n", "line 2"),
            ("video_clip_name,timestamp,class,group_name\na,1,b,train\n../a,1,b,train\n", "line 3"),
            ("video_clip_name,timestamp,class,group_name\na,soon,b,train\n", "timestamp 'soon'"),
        ])
    func badList(_ text: String, _ words: String) async throws {
        try await withFolder { folder in
            let list = "\(folder)/clips.csv"
            try Data(text.utf8).write(to: URL(filePath: list))
            let error = await #expect(throws: DatasetError.self) {
                try await FolderSource(path: folder, list: list).clips()
            }
            #expect(error?.description.contains(words) == true)
            #expect(error?.description.contains(list) == true)
        }
    }

    @Test("No train window of the film touches an eval window", arguments: [0.5, 1, 2.5, 7])
    func windows(_ stride: Double) {
        let windows = FilmSource.windows(stride: stride)
        let train = windows.filter { $0.split == .train }.map(\.start)
        let eval = windows.filter { $0.split == .eval }.map(\.start)
        #expect(!train.isEmpty && !eval.isEmpty)
        for start in eval { #expect(train.allSatisfy { abs($0 - start) > 5 }) }
        #expect(windows.allSatisfy { $0.start >= 8 && $0.start + 5 <= 480 })
    }

    @Test("Scenes that are too short belong to the one before")
    func scenes() {
        #expect(FilmSource.merged([30, 5, 14, 15, 43]) == [0, 14, 30, 43])
    }

    @Test("A limit keeps both splits")
    func limit() {
        let clips = (0..<100).map {
            Clip(
                id: "\($0)", video: "v", audio: "v", start: 0, duration: nil, label: "", split: $0 < 90 ? .train : .eval)
        }
        let limited = Clip.limited(clips, to: 10)
        #expect(limited.count == 10 && limited.count { $0.split == .eval } == 1)
        #expect(Clip.limited(clips, to: nil) == clips)
    }
}

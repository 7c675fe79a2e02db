package import Experiment
import Foundation
import NIOCore

extension FileStore {
    /// Stores a file whole; the answer is what to register (see `TrackerStore.registerFile`).
    /// `path`: as ``BlobName/path(_:)`` gives it.
    package func write(_ bytes: [UInt8], run: RunID, path: RelativePath) throws -> RunFile {
        var upload = try upload(run: run, path: path)
        try upload.write(ByteBuffer(bytes: bytes).readableBytesView)
        let (size, sha256) = try upload.commit()
        return RunFile(
            key: BlobName.name(path.description), step: 0, path: path.description,
            mediaType: MediaType(path: path).name, bytes: size, sha256: sha256, time: Date())
    }
}

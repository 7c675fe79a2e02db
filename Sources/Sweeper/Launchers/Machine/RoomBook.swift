import Experiment
import Foundation
import SweepScheduler
import Synchronization

/// Who works where on this machine, written down for all sweepers that share a `SAGA_HOME`.
///
/// A file that is read and replaced under a lock. What a dead sweeper left in it counts for as long as its trainer
/// lives, and nobody has to tidy up. Where the file cannot be locked or written each sweeper knows of its own trainers
/// only.
final class RoomBook: Sendable {
    struct Entry: Codable, Hashable {
        var placement: Placement
        var sweeper: ProcessIdentity
        /// Once it has been started.
        var trainer: ProcessIdentity?
    }

    private let folder: String
    private let me = ProcessTable.current()

    /// What was read or written last. Every start and every end of a trainer changes the file, and 64 slots have a long
    /// one: what this sweeper has written itself is not read again, and what stays is not written out again.
    private struct Known {
        var entries: [Entry] = []
        /// The file's bytes then.
        var bytes: Data?
        /// Each entry as it stands in them.
        var texts: [Entry: Data] = [:]
    }

    private let known = Mutex(Known())

    init(home: SagaHome) {
        // Names of hosts hold no slash; whatever one is called, it is one folder.
        folder = home.path + "/machines/" + ProcessTable.host.replacingOccurrences(of: "/", with: "_")
    }

    /// Changes the entries of the living while nobody else does.
    func update<Answer: Sendable>(_ change: (inout [Entry]) -> Answer) -> Answer {
        known.withLock { known in
            let lock = RoomBook.lock(folder)
            defer { if let lock { close(lock) } }
            let path = folder + "/room.json"
            let bytes = lock == nil ? nil : SmallFile.data(path)
            if let bytes, bytes != known.bytes, let written = try? JSONCoding.decode([Entry].self, from: bytes) {
                known.entries = written
                known.bytes = bytes
            }
            var entries = known.entries
            entries.removeAll { !isAlive($0) }
            let answer = change(&entries)
            if lock != nil, entries != known.entries || bytes == nil { write(entries, to: path, &known) }
            known.entries = entries
            return answer
        }
    }

    private func write(_ entries: [Entry], to path: String, _ known: inout Known) {
        var texts: [Entry: Data] = [:]
        for entry in entries { texts[entry] = known.texts[entry] ?? (try? JSONCoding.encode(entry)) }
        known.texts = texts
        var bytes = Data("[".utf8)
        for text in entries.compactMap({ texts[$0] }) {
            if bytes.count > 1 { bytes.append(UInt8(ascii: ",")) }
            bytes.append(text)
        }
        bytes.append(UInt8(ascii: "]"))
        // Where it cannot be written, what stands there is read again.
        known.bytes = SmallFile.replace(path, with: bytes) ? bytes : nil
    }

    /// Whether others than this sweeper work here, as far as was known last.
    var hasStrangers: Bool { known.withLock { $0.entries.contains { $0.sweeper != me } } }

    func entry(_ placement: Placement, trainer: ProcessIdentity? = nil) -> Entry {
        Entry(placement: placement, sweeper: me, trainer: trainer)
    }

    /// A trainer that has ended holds its place until its sweeper has seen to what it left behind.
    private func isAlive(_ entry: Entry) -> Bool {
        entry.sweeper == me || ProcessTable.isAlive(entry.sweeper) || entry.trainer.map(ProcessTable.isAlive) == true
    }

    /// A descriptor that holds the lock until it is closed; nil where that cannot be had.
    private static func lock(_ folder: String) -> Int32? {
        try? FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let descriptor = open(
            folder + "/room.lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR)
        guard descriptor >= 0 else { return nil }
        while flock(descriptor, LOCK_EX) != 0 {
            guard errno == EINTR else {
                close(descriptor)
                return nil
            }
        }
        return descriptor
    }
}

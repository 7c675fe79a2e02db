import Foundation
import Glibc
import Output

/// The folder of a run, where it is to be deleted.
enum RunFolder {
    /// Whether `directory`, below this `SAGA_HOME`, is a real folder and the very one that the tracker means: that of
    /// another home or machine may be in use there.
    static func isOwn(_ directory: String, claimed: String) -> Bool {
        guard let path = resolved(directory), path == resolved(claimed) else { return false }
        var status = stat()
        return lstat(directory, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// Bytes of the files in it; what hides behind a link does not count.
    static func size(_ directory: String) -> Int64 {
        let files = FileManager.default.enumerator(atPath: directory)
        var sum: Int64 = 0
        while let name = files?.nextObject() as? String {
            var status = stat()
            if lstat(directory + "/" + name, &status) == 0, status.st_mode & S_IFMT == S_IFREG {
                sum += Int64(status.st_size)
            }
        }
        return sum
    }

    static func remove(_ directory: String) throws(CommandError) {
        do {
            try FileManager.default.removeItem(atPath: directory)
        } catch {
            throw CommandError(
                "cannot_delete", "\(directory) cannot be deleted; is it yours, and is nothing mounted there?")
        }
    }

    private static func resolved(_ path: String) -> String? {
        guard let real = realpath(path, nil) else { return nil }
        defer { free(real) }
        return String(cString: real)
    }
}

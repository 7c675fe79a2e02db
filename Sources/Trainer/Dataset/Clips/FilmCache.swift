import Experiment
import FoundationEssentials
import Glibc

/// The film and its scene cuts below `SAGA_HOME/cache`, fetched once from the source package of moviepy, which
/// carries it, by pip.
struct FilmCache: Sendable {
    /// `SAGA_HOME/cache`
    let directory: String

    static let package = "moviepy==2.2.1"
    static let archiveName = "moviepy-2.2.1.tar.gz"
    static let archiveHash = "c80cb56815ece94e5e3e2d361aa40070eeb30a09d23a24c4e684d03e16deacb1"
    static let filmHash = "475fbbf34c4c367998f80c29ea03b15a743941179b12da3373fc6706e68621d0"
    private static let filmSize = 50_195_281
    private static let otherwise = "or choose 'trainer prepare --source synthetic', which fetches nothing"
    private var filmPath: String { directory + "/big-buck-bunny.mp4" }

    /// The film's path; its content is verified after the fetch, its size each time.
    func film() async throws(DatasetError) -> String {
        if fileSize(filmPath) == FilmCache.filmSize { return filmPath }
        let temporary = "\(directory)/fetch-\(getpid())"
        defer { try? FileManager.default.removeItem(atPath: temporary) }
        guard
            (try? FileManager.default.createDirectory(atPath: temporary, withIntermediateDirectories: true)) != nil
        else { throw DatasetError(.write, "\(directory) cannot be written: check the folder's rights") }
        try await fetch(into: temporary)
        guard rename(temporary + "/bbb.mp4", filmPath) == 0 else {
            throw DatasetError(.write, "\(filmPath) cannot be written: check the folder's rights")
        }
        return filmPath
    }

    private func fetch(into folder: String) async throws(DatasetError) {
        try await python(
            [
                "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps",
                "--no-binary", "moviepy", "--dest", folder, FilmCache.package,
            ], doing: "fetch the film")
        let archive = folder + "/" + FilmCache.archiveName
        try verify(archive, hash: FilmCache.archiveHash)
        let unpack = """
            import io, shutil, sys, tarfile, zipfile
            inner = "moviepy-2.2.1/docs/_static/medias/getting_started/moviepy_10_minutes/moviepy_10_minutes.zip"
            with tarfile.open(sys.argv[1]) as tar, zipfile.ZipFile(io.BytesIO(tar.extractfile(inner).read())) as medias:
                name = next(n for n in medias.namelist() if n.endswith("resources/bbb.mp4"))
                with medias.open(name) as source, open(sys.argv[2], "wb") as target:
                    shutil.copyfileobj(source, target)
            """
        try await python(["-c", unpack, archive, folder + "/bbb.mp4"], doing: "unpack the film")
        try verify(folder + "/bbb.mp4", hash: FilmCache.filmHash)
    }

    private func python(_ arguments: [String], doing task: String) async throws(DatasetError) {
        let outcome: Program.Outcome
        do throws(Program.Failure) {
            outcome = try await Program.run("python3", arguments, seconds: 900)
        } catch .notInstalled {
            throw DatasetError(
                .noPython,
                "python3 is needed to \(task): apt-get install python3-pip, \(FilmCache.otherwise)")
        } catch {
            throw DatasetError(
                .download, "python3 could not \(task): try again, \(FilmCache.otherwise)", detail: "\(error)")
        }
        guard outcome.succeeded else {
            let sentence =
                outcome.messages.contains("No module named pip")
                ? "pip is needed to \(task): apt-get install python3-pip, \(FilmCache.otherwise)"
                : "python3 could not \(task): check the network and try again, \(FilmCache.otherwise)"
            throw DatasetError(.download, sentence, detail: outcome.messages)
        }
    }

    private func verify(_ path: String, hash: String) throws(DatasetError) {
        var digest = SHA256()
        guard let handle = fopen(path, "rb") else {
            throw DatasetError(.download, "\(path) did not arrive: try again, \(FilmCache.otherwise)")
        }
        defer { fclose(handle) }
        var block = [UInt8](repeating: 0, count: 1 << 20)
        while case let count = fread(&block, 1, block.count, handle), count > 0 { digest.update(block[..<count]) }
        guard digest.finish() == hash else {
            throw DatasetError(
                .damagedFilm, "\(path) is not the file that was expected (its SHA-256 differs): try again, "
                    + FilmCache.otherwise)
        }
    }

    /// Seconds at which the picture changes abruptly, found once and kept beside the film.
    func sceneCuts() async throws(DatasetError) -> [Double] {
        let path = directory + "/big-buck-bunny.scenes.json"
        if let data = FileManager.default.contents(atPath: path),
            let cuts = try? JSONCoding.decode([Double].self, from: data)
        {
            return cuts
        }
        let range = FilmSource.usable
        // Frames that no other refers to are not decoded: a cut stays visible, and it takes half the time.
        let outcome = try await FFmpeg.run(
            "ffmpeg",
            [
                "-nostdin", "-v", "error", "-threads", "2", "-skip_frame", "noref", "-skip_loop_filter", "all", "-ss",
                "\(range.lowerBound)", "-t", "\(range.upperBound - range.lowerBound)", "-i", "file:" + filmPath, "-an",
                "-vf", "scale=160:-2:flags=fast_bilinear,select='gt(scene,0.3)',metadata=print:file=-", "-f", "null",
                "-",
            ], about: filmPath, seconds: 900)
        let cuts = String(decoding: outcome.output, as: UTF8.self).split(whereSeparator: \.isWhitespace)
            .filter { $0.hasPrefix("pts_time:") }
            .compactMap { Double($0.dropFirst("pts_time:".count)) }
            .map { $0 + range.lowerBound }
        guard outcome.succeeded, !cuts.isEmpty, let data = try? JSONCoding.encode(cuts) else {
            throw DatasetError(
                .unreadableClip, "no scenes were found in \(filmPath): remove it and try again",
                detail: outcome.messages)
        }
        try? data.write(to: URL(filePath: path), options: .atomic)
        return cuts
    }
}

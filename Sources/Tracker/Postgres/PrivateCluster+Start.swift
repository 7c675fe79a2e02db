import FoundationEssentials
import Glibc

extension PrivateCluster {
    /// Starts the server again where it is gone, killed by somebody or for want of memory. False when it was there.
    package func revive() async throws -> Bool {
        if isServerThere { return false }
        let start = try await FileLock.acquire(home + "/start.lock", .exclusive)
        defer { withExtendedLifetime(start) {} }
        // Somebody may have been faster.
        if isServerThere { return false }
        try await ensureRunning()
        return true
    }

    var isServerThere: Bool { serverProcess != nil }

    /// Called with `start.lock` held.
    func ensureRunning() async throws {
        if folder.version == nil { try await initialise() }
        if try await isRunning() { return }
        removeMisleadingLocks()
        try writeSettings()
        let deadline = ContinuousClock.now + .seconds(30)
        while true {
            let logged = logSize
            let start = try await user.run(
                binaries.path("pg_ctl"), ["start", "-D", folder.data, "-l", folder.log, "-W", "-s"])
            if start.succeeded, await isUp(within: .seconds(60)) { return }
            guard hasOrphans(since: logged), ContinuousClock.now < deadline else {
                throw PostgresError(
                    .cluster, "the private database did not start; see \(folder.log)", detail: start.output)
            }
        }
    }

    /// A server that was killed leaves processes behind that are in the middle of something. Until they notice, no other
    /// may have its data.
    private func hasOrphans(since size: UInt64) -> Bool {
        let log = FileManager.default.contents(atPath: folder.log) ?? Data()
        return String(decoding: log.dropFirst(Int(size)), as: UTF8.self).contains("pre-existing shared memory block")
    }

    private var logSize: UInt64 {
        var status = stat()
        return stat(folder.log, &status) == 0 ? UInt64(status.st_size) : 0
    }

    /// Waits for a server that was just started; pg_ctl would look only ten times a second.
    private func isUp(within limit: Duration) async -> Bool {
        let begin = ContinuousClock.now
        while ContinuousClock.now - begin < limit {
            let connection = try? await PostgresConnection.connect(
                to: address(database: PrivateCluster.maintenanceDatabase))
            if let connection {
                await connection.close()
                return true
            }
            // It has its lock file at once, or it has given up.
            if serverProcess == nil, ContinuousClock.now - begin > .seconds(2) { return false }
            try? await Task.sleep(for: .milliseconds(10))
        }
        return false
    }

    /// Makes the data in a folder beside its place, so that an interrupted `initdb` leaves nothing half done.
    private func initialise() async throws {
        let draft = folder.path + "/data.draft"
        try? FileManager.default.removeItem(atPath: draft)
        let initdb = try await user.run(
            binaries.path("initdb"),
            [
                "-D", draft, "--username=\(PrivateCluster.superuser)", "--auth=trust", "--encoding=UTF8",
                "--locale=C", "--no-instructions",
            ])
        guard initdb.succeeded, rename(draft, folder.data) == 0 else {
            throw PostgresError(
                .cluster, "the private database could not be made in \(folder.path); is the disk full?",
                detail: initdb.output)
        }
    }

    private func isRunning() async throws -> Bool {
        do {
            let connection = try await PostgresConnection.connect(
                to: address(database: PrivateCluster.maintenanceDatabase))
            await connection.close()
            return true
        } catch let error as PostgresError where error.kind == .unreachable {
            // A server that is still recovering from a crash answers, but refuses: pg_ctl waits for it.
            guard serverProcess != nil else { return false }
            for _ in 0..<600 where serverProcess != nil {
                try await Task.sleep(for: .milliseconds(100))
                let connection = try? await PostgresConnection.connect(
                    to: address(database: PrivateCluster.maintenanceDatabase))
                guard let connection else { continue }
                await connection.close()
                return true
            }
            return false
        }
    }

    /// The server's process, if the one that `postmaster.pid` names is it: pids are used again, by anything.
    private var serverProcess: pid_t? {
        guard let pid = recordedProcess,
            let place = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(pid)/cwd"),
            let data = realpath(folder.data, nil)
        else { return nil }
        defer { free(data) }
        // A server's working directory is its data.
        return place == String(cString: data) ? pid : nil
    }

    private var recordedProcess: pid_t? {
        FileManager.default.contents(atPath: folder.data + "/postmaster.pid")
            .flatMap { String(decoding: $0, as: UTF8.self).split(separator: "\n").first }
            .flatMap { pid_t($0) }
    }

    /// Removes lock files whose pid is now some other program's: the server would refuse to start. Those of a process
    /// that is gone are left to the server, which also looks for orphans of it.
    private func removeMisleadingLocks() {
        guard let pid = recordedProcess, serverProcess == nil, kill(pid, 0) == 0 else { return }
        unlink(folder.data + "/postmaster.pid")
        unlink("\(socket)/.s.PGSQL.\(PrivateCluster.port).lock")
    }

    /// Written at each start: the folder may have moved.
    private func writeSettings() throws {
        let ours = [
            "listen_addresses": "", "unix_socket_directories": socket, "unix_socket_permissions": "0700",
            "port": "\(PrivateCluster.port)", "max_connections": "100", "wal_level": "minimal",
            "max_wal_senders": "0", "max_wal_size": "2GB", "jit": "off", "log_timezone": "UTC", "timezone": "UTC",
        ]
        let lines = ours.merging(settings) { $1 }.sorted { $0.key < $1.key }
            .map { "\($0.key) = '\($0.value.replacing("'", with: "''"))'\n" }
        // The last of several settings of a name counts, and this file is read after postgresql.conf.
        let file = folder.data + "/postgresql.auto.conf"
        guard FileManager.default.createFile(atPath: file, contents: Data(lines.joined().utf8)) else {
            throw PostgresError(.cluster, "\(file) cannot be written; is the disk full?")
        }
        if user.isOther { lchown(file, user.id, user.group) }
    }
}

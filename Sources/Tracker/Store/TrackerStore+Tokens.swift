import Experiment
package import FoundationEssentials
import Postgres

extension TrackerStore {
    /// Makes a token and answers its secret, which is kept nowhere: 48 letters and digits (285 bits at random), long
    /// enough to pass as a W&B API key.
    ///
    /// - Throws: `invalidQuery` for a name or project that is empty, long or has control characters.
    package func createToken(
        name: String, role: AccessRole, project: String? = nil, expires: Date? = nil
    ) async throws -> (secret: String, token: AccessToken) {
        for text in [name, project ?? "p"] {
            guard (1...128).contains(text.utf8.count), text.unicodeScalars.allSatisfy({ $0.value >= 32 }) else {
                throw StoreError(
                    .invalidQuery, "a token's name and project have 1 to 128 bytes and no control characters")
            }
        }
        let secret = Self.randomSecret()
        let rows = try await pool.query(
            """
            insert into tokens (hash, name, role, project, expires_at)
            values (decode(\(SHA256.hex(secret)), 'hex'), \(name), \(role.rawValue), \(project), \(expires))
            returning \(Self.tokenColumns)
            """)
        guard let row = rows.first else { throw StoreError(.invalidQuery, "the token was not stored; try again") }
        return (secret, try Self.token(row))
    }

    /// All tokens that were ever made, oldest first.
    package func tokens() async throws -> [AccessToken] {
        try await pool.query("select \(Self.tokenColumns) from tokens order by id").map(Self.token)
    }

    /// Makes tokens of that name (or with that number) worthless; answers how many.
    ///
    /// - Throws: `invalidQuery` where no valid token is so called.
    @discardableResult
    package func revokeToken(nameOrID: String) async throws -> Int {
        let rows = try await pool.query(
            """
            update tokens set revoked_at = now()
            where (name = \(nameOrID) or id = \(Int32(nameOrID))) and revoked_at is null returning id
            """)
        guard !rows.isEmpty else {
            throw StoreError(.invalidQuery, "no valid token is called '\(nameOrID)'; see 'tracker token list'")
        }
        return rows.count
    }

    /// The valid token of that secret.
    ///
    /// It is looked up by the hash of the secret: what a stranger could learn from how long that takes is about
    /// hashes, which he cannot choose.
    package func token(secret: String) async throws -> AccessToken? {
        let rows = try await pool.query(
            """
            select \(Self.tokenColumns) from tokens
            where hash = decode(\(SHA256.hex(secret)), 'hex') and revoked_at is null
                and (expires_at is null or expires_at > now())
            """)
        return try rows.first.map(Self.token)
    }

    /// Notes that a token is in use.
    package func touchToken(id: Int) async throws {
        try await pool.query(
            """
            update tokens set last_used_at = now()
            where id = \(Int32(clamping: id)) and (last_used_at is null or last_used_at < now() - interval '1 minute')
            """)
    }

    private static let tokenColumns: PostgresQuery =
        "id, name, role, project, created_at, last_used_at, expires_at, revoked_at"

    private static func token(_ row: PostgresRow) throws -> AccessToken {
        let (id, name, role, project, created, used, expires, revoked) = try row.decode(
            as: Int.self, String.self, String.self, String?.self, Date.self, Date?.self, Date?.self, Date?.self)
        return AccessToken(
            id: id, name: name, role: AccessRole(rawValue: role) ?? .read, project: project, created: created,
            lastUsed: used, expires: expires, revoked: revoked)
    }

    private static func randomSecret() -> String {
        let alphabet = Array("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
        var generator = SystemRandomNumberGenerator()
        return String((0..<48).map { _ in alphabet[Int.random(in: 0..<62, using: &generator)] })
    }
}

/// Where a database is, as libpq takes it.
package struct PostgresAddress: Sendable, Hashable {
    /// A URL `postgresql://...` or `key=value` pairs.
    package let connectionString: String
    /// What a person can do when it does not answer, as `check DATABASE_URL`.
    package let advice: String
    /// Who connects, where it is not whom the connection string names.
    private(set) var user: String?
    private(set) var password: String?

    /// The same database for another user.
    package func login(user: String, password: String) -> PostgresAddress {
        var address = self
        (address.user, address.password) = (user, password)
        return address
    }

    /// Other programs' spellings of the URL, as `postgresql+psycopg2://`, are understood.
    package init(_ connectionString: String, advice: String = "check DATABASE_URL") {
        self.connectionString = PostgresAddress.withoutDriver(connectionString)
        self.advice = advice
    }

    private static func withoutDriver(_ text: String) -> String {
        guard let end = text.firstRange(of: "://")?.lowerBound, let plus = text[..<end].firstIndex(of: "+") else {
            return text
        }
        return String(text[..<plus] + text[end...])
    }

    /// The database of another name on the same server; for addresses made of `key=value` pairs.
    package func database(_ name: String) -> PostgresAddress {
        PostgresAddress("\(connectionString) dbname=\(name)", advice: advice)
    }
}

/// Object ids of the types that we send and read (`pg_type.dat`); they never change.
package struct PostgresType: RawRepresentable, Hashable, Sendable {
    package let rawValue: UInt32

    package init(rawValue: UInt32) { self.rawValue = rawValue }

    static let bool = PostgresType(rawValue: 16)
    static let name = PostgresType(rawValue: 19)
    package static let int8 = PostgresType(rawValue: 20)
    package static let int2 = PostgresType(rawValue: 21)
    package static let int4 = PostgresType(rawValue: 23)
    static let text = PostgresType(rawValue: 25)
    package static let json = PostgresType(rawValue: 114)
    package static let float4 = PostgresType(rawValue: 700)
    package static let float8 = PostgresType(rawValue: 701)
    static let unknown = PostgresType(rawValue: 705)
    package static let numeric = PostgresType(rawValue: 1700)
    static let varchar = PostgresType(rawValue: 1043)
    static let timestamptz = PostgresType(rawValue: 1184)
    package static let jsonb = PostgresType(rawValue: 3802)

    static let boolArray = PostgresType(rawValue: 1000)
    static let int2Array = PostgresType(rawValue: 1005)
    static let int4Array = PostgresType(rawValue: 1007)
    static let textArray = PostgresType(rawValue: 1009)
    static let int8Array = PostgresType(rawValue: 1016)
    static let float4Array = PostgresType(rawValue: 1021)
    static let float8Array = PostgresType(rawValue: 1022)
    static let timestamptzArray = PostgresType(rawValue: 1185)
    static let jsonbArray = PostgresType(rawValue: 3807)
}

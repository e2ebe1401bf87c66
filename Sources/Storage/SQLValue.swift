/// A value of a column or a parameter.
public enum SQLValue: Equatable, Sendable {
    /// Nothing.
    case null
    /// A whole number.
    case integer(Int64)
    /// UTF-8; decimals and times too.
    case text(String)
    /// Bytes, as they are.
    case blob([UInt8])

    /// The text, or nothing.
    public static func text(_ value: String?) -> SQLValue { value.map { .text($0) } ?? .null }

    /// The number, or nothing.
    public static func integer(_ value: Int64?) -> SQLValue { value.map { .integer($0) } ?? .null }

    /// 1 or 0.
    public static func bool(_ value: Bool) -> SQLValue { .integer(value ? 1 : 0) }
}

/// One row of an answer, columns in the order of the statement. What has another type than asked for is `nil`.
public struct SQLRow: Equatable, Sendable {
    /// The values.
    public let values: [SQLValue]

    /// A whole number.
    public func integer(_ column: Int) -> Int64? {
        if case .integer(let value) = self[column] { value } else { nil }
    }

    /// A text.
    public func text(_ column: Int) -> String? {
        if case .text(let value) = self[column] { value } else { nil }
    }

    /// Bytes.
    public func blob(_ column: Int) -> [UInt8]? {
        if case .blob(let value) = self[column] { value } else { nil }
    }

    /// The value; `.null` beyond the last column.
    public subscript(_ column: Int) -> SQLValue {
        values.indices.contains(column) ? values[column] : .null
    }
}

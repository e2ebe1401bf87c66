public import Clocks

/// Reads a query by the names a route knows, and refuses the rest.
///
/// Each name is asked for once, with its type; ``finish()`` then refuses names that were not asked for. A repeated name,
/// an unknown one and a value that is not of its type are each a 400 that names it in `field`.
public struct QueryReader: Sendable {
    private let items: [(name: String, value: String)]
    private var asked: [String] = []

    /// A reader of the target's query.
    public init(_ target: RequestTarget) {
        items = target.query
    }

    /// The text, not empty and at most `maximumBytes` long; `nil` when the name is not given.
    public mutating func string(_ name: String, maximumBytes: Int = 1024) throws(Problem) -> String? {
        asked.append(name)
        let values = items.filter { $0.name == name }
        guard values.count <= 1 else {
            throw Problem(status: 400, code: "repeated_field", detail: "\(name) is given more than once.", field: name)
        }
        guard let value = values.first?.value else { return nil }
        guard !value.isEmpty else { throw invalid(name, "\(name) is empty.") }
        guard value.utf8.count <= maximumBytes else {
            throw invalid(name, "\(name) is longer than \(maximumBytes) bytes.")
        }
        return value
    }

    /// What was read, or a 400 because the name is not given: `try query.required("symbols", query.list("symbols"))`.
    public func required<Value>(_ name: String, _ value: Value?) throws(Problem) -> Value {
        guard let value else {
            throw Problem(status: 400, code: "missing_field", detail: "\(name) must be given.", field: name)
        }
        return value
    }

    /// A whole number in `range`: an optional `-` and digits.
    public mutating func integer(_ name: String, in range: ClosedRange<Int>) throws(Problem) -> Int? {
        guard let text = try string(name) else { return nil }
        guard !text.hasPrefix("+"), let value = Int(text), range.contains(value) else {
            throw invalid(name, "\(name) is not a whole number from \(range.lowerBound) to \(range.upperBound).")
        }
        return value
    }

    /// `true` or `false`.
    public mutating func boolean(_ name: String) throws(Problem) -> Bool? {
        switch try string(name) {
        case nil: return nil
        case "true": return true
        case "false": return false
        default: throw invalid(name, "\(name) is neither true nor false.")
        }
    }

    /// One of an enumeration's raw values.
    public mutating func word<Word>(_ name: String, as type: Word.Type = Word.self) throws(Problem) -> Word?
    where Word: RawRepresentable & CaseIterable, Word.RawValue == String {
        guard let text = try string(name) else { return nil }
        if let word = Word(rawValue: text) { return word }
        let words = Word.allCases.map(\.rawValue)
        var problem = invalid(name, "\(name) is none of \(words.joined(separator: ", ")).")
        problem.suggestions = words
        throw problem
    }

    /// Members separated by commas, 1 to `maximumCount` of them, none empty.
    public mutating func list(_ name: String, maximumCount: Int) throws(Problem) -> [String]? {
        guard let text = try string(name, maximumBytes: .max) else { return nil }
        let members = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        guard !members.contains("") else { throw invalid(name, "\(name) has an empty member.") }
        guard members.count <= maximumCount else {
            throw invalid(name, "\(name) has more than \(maximumCount) members.")
        }
        return members
    }

    /// A day, `2026-03-02`.
    public mutating func date(_ name: String) throws(Problem) -> CivilDate? {
        guard let text = try string(name) else { return nil }
        guard let date = CivilDate(iso: text) else { throw invalid(name, "\(name) is not a day such as 2026-03-02.") }
        return date
    }

    /// A time in RFC 3339. A `+` of an offset that was not escaped arrives as a space, and is not understood.
    public mutating func time(_ name: String) throws(Problem) -> WallTime? {
        guard let text = try string(name) else { return nil }
        guard let time = WallTime(rfc3339: text) else {
            throw invalid(name, "\(name) is not a time such as 2026-03-02T01:30:00Z.")
        }
        return time
    }

    /// Refuses names that nobody asked for. Call it before acting on what was read.
    public func finish() throws(Problem) {
        guard let unknown = items.first(where: { !asked.contains($0.name) }) else { return }
        throw Problem(
            status: 400, code: "unknown_field", detail: "There is no such query parameter here.", field: unknown.name,
            suggestions: asked)
    }

    private func invalid(_ name: String, _ detail: String) -> Problem {
        Problem(status: 400, code: "invalid_field", detail: detail, field: name)
    }
}

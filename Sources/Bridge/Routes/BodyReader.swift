internal import BrokerModel
internal import Bytes
internal import Clocks
internal import HTTPWire

/// Reads the members of a JSON body one by one; those nobody asked for are refused by name.
struct BodyReader {
    private let object: JSONObject
    private let path: String
    private var asked: Set<String> = []

    /// - Throws: 400 `malformed_json` for anything but one JSON object.
    init(_ body: [UInt8]) throws(Problem) {
        let value: JSONValue
        do { value = try JSONValue.parse(body) } catch {
            throw Problem(
                status: 400, code: "malformed_json",
                detail: "The body is not JSON: \(error.reason.rawValue), at byte \(error.offset).")
        }
        guard let object = value.objectValue else {
            throw Problem(status: 400, code: "malformed_json", detail: "The body is not a JSON object.")
        }
        self.object = object
        path = ""
    }

    private init(_ object: JSONObject, path: String) {
        self.object = object
        self.path = path
    }

    /// The member, unless it is absent or null.
    mutating func value(_ name: String) -> JSONValue? {
        asked.insert(name)
        guard let value = object[name], !value.isNull else { return nil }
        return value
    }

    mutating func string(_ name: String, maximumBytes: Int) throws(Problem) -> String? {
        guard let value = value(name) else { return nil }
        guard let text = value.stringValue, !text.isEmpty, text.utf8.count <= maximumBytes,
            !text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F })
        else {
            throw invalid(name, "\(name) is not a text of 1 to \(maximumBytes) bytes without control characters.")
        }
        return text
    }

    /// A decimal as a string or a number; a number's text is taken literally. Plain notation only.
    mutating func decimal(_ name: String) throws(Problem) -> DecimalText? {
        guard let value = value(name) else { return nil }
        guard let text = value.stringValue ?? value.numberText, text.utf8.count <= 40, let decimal = DecimalText(text)
        else { throw invalid(name, "\(name) is not a decimal in plain notation, such as \"412.60\".") }
        return decimal
    }

    mutating func word<Word>(_ name: String, as _: Word.Type = Word.self) throws(Problem) -> Word?
    where Word: RawRepresentable & CaseIterable, Word.RawValue == String {
        guard let value = value(name) else { return nil }
        if let word = value.stringValue.flatMap({ Word(rawValue: $0) }) { return word }
        let words = Word.allCases.map(\.rawValue)
        var problem = invalid(name, "\(name) is none of \(words.joined(separator: ", ")).")
        problem.suggestions = words
        throw problem
    }

    mutating func date(_ name: String) throws(Problem) -> CivilDate? {
        guard let value = value(name) else { return nil }
        guard let date = value.stringValue.flatMap({ CivilDate(iso: $0) }) else {
            throw invalid(name, "\(name) is not a day such as 2026-03-02.")
        }
        return date
    }

    mutating func time(_ name: String) throws(Problem) -> WallTime? {
        guard let value = value(name) else { return nil }
        guard let time = value.stringValue.flatMap({ WallTime(rfc3339: $0) }) else {
            throw invalid(name, "\(name) is not a time such as 2026-03-02T01:30:00Z.")
        }
        return time
    }

    mutating func integer(_ name: String, in range: ClosedRange<Int64>) throws(Problem) -> Int? {
        guard let value = value(name) else { return nil }
        guard let number = value.intValue, range.contains(number) else {
            throw invalid(name, "\(name) is not a whole number from \(range.lowerBound) to \(range.upperBound).")
        }
        return Int(clamping: number)
    }

    /// Whether the member is there and null.
    mutating func isNull(_ name: String) -> Bool {
        asked.insert(name)
        return object[name]?.isNull == true
    }

    /// A member that is an object of its own. Its ``finish()`` is the caller's.
    mutating func object(_ name: String) throws(Problem) -> BodyReader? {
        guard let value = value(name) else { return nil }
        guard let object = value.objectValue else { throw invalid(name, "\(name) is not an object.") }
        return BodyReader(object, path: pointer(name))
    }

    mutating func boolean(_ name: String) throws(Problem) -> Bool? {
        guard let value = value(name) else { return nil }
        guard let flag = value.boolValue else { throw invalid(name, "\(name) is neither true nor false.") }
        return flag
    }

    mutating func strings(_ name: String, maximumCount: Int) throws(Problem) -> [String]? {
        guard let value = value(name) else { return nil }
        guard let array = value.arrayValue, array.count <= maximumCount else {
            throw invalid(name, "\(name) is not a list of at most \(maximumCount) texts.")
        }
        var texts: [String] = []
        for element in array {
            guard let text = element.stringValue else {
                throw invalid(name, "\(name) holds something that is no text.")
            }
            texts.append(text)
        }
        return texts
    }

    mutating func integers(
        _ name: String, maximumCount: Int, in range: ClosedRange<Int64>
    ) throws(Problem) -> [Int64]? {
        guard let array = try array(name, maximumCount: maximumCount) else { return nil }
        var numbers: [Int64] = []
        for (index, element) in array.enumerated() {
            guard let number = element.intValue, range.contains(number) else {
                throw invalid(
                    "\(name)/\(index)",
                    "\(name) holds what is no whole number from \(range.lowerBound) to \(range.upperBound).")
            }
            numbers.append(number)
        }
        return numbers
    }

    /// Members of a list that are objects of their own. Their ``finish()`` is the caller's.
    mutating func objects(_ name: String, maximumCount: Int) throws(Problem) -> [BodyReader]? {
        guard let array = try array(name, maximumCount: maximumCount) else { return nil }
        var readers: [BodyReader] = []
        for (index, element) in array.enumerated() {
            guard let object = element.objectValue else {
                throw invalid("\(name)/\(index)", "\(name) holds something that is no object.")
            }
            readers.append(BodyReader(object, path: pointer("\(name)/\(index)")))
        }
        return readers
    }

    private mutating func array(_ name: String, maximumCount: Int) throws(Problem) -> [JSONValue]? {
        guard let value = value(name) else { return nil }
        guard let array = value.arrayValue, array.count <= maximumCount else {
            throw invalid(name, "\(name) is not a list of at most \(maximumCount) members.")
        }
        return array
    }

    func required<Value>(_ name: String, _ value: Value?) throws(Problem) -> Value {
        guard let value else {
            throw Problem(status: 400, code: "missing_field", detail: "\(name) must be given.", field: pointer(name))
        }
        return value
    }

    /// Refuses members nobody asked for.
    func finish() throws(Problem) {
        guard let unknown = object.members.first(where: { !asked.contains($0.name) }) else { return }
        throw Problem(
            status: 400, code: "unknown_field", detail: "There is no such member here.",
            field: pointer(String(unknown.name.prefix(100))), suggestions: asked.sorted())
    }

    /// Where a member stands in the whole body, as a JSON pointer.
    func pointer(_ name: String) -> String { "\(path)/\(name)" }

    func invalid(_ name: String, _ detail: String) -> Problem {
        Problem(status: 400, code: "invalid_field", detail: detail, field: pointer(name))
    }
}

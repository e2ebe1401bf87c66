/// How the text or list behind a key is read, and how the documentation calls it.
///
/// A form reports what it refuses and answers `nil`; the caller then keeps the default and reads on, so that one run
/// shows every mistake.
struct Form<Value: Sendable>: Sendable {
    /// For the key table, such as "duration, 1s to 1h".
    let name: String
    let read: @Sendable (YAMLNode, String, ConfigurationContext) -> Value?
}

/// Why a scalar is refused.
struct FormError: Error {
    let message: String
    init(_ message: String) { self.message = message }
}

extension Form {
    /// A form of a single text. `plainOnly` is for what is not a text: `"10"` in quotes is then refused.
    static func scalar(
        _ name: String, plainOnly: Bool = false, _ convert: @escaping @Sendable (String) throws(FormError) -> Value
    ) -> Form {
        Form(name: name) { node, path, context in
            guard case .scalar(let text, let isPlain) = node.content, !node.isNull else {
                context.report("expected \(name), found \(node.kind)", at: node.location, path: path)
                return nil
            }
            if plainOnly && !isPlain {
                context.report("expected \(name), without quotes", at: node.location, path: path)
                return nil
            }
            do throws(FormError) {
                return try convert(text)
            } catch {
                context.report(error.message, at: node.location, path: path)
                return nil
            }
        }
    }

    /// A list, each item read by `item`; an item refused is left out, after it was reported.
    static func list<Item: Sendable>(of item: Form<Item>, count: ClosedRange<Int>) -> Form where Value == [Item] {
        Form(name: "list of \(item.name)") { node, path, context in
            guard case .sequence(let nodes) = node.content else {
                context.report("expected a list, found \(node.kind)", at: node.location, path: path)
                return nil
            }
            guard count.contains(nodes.count) else {
                let bounds = "\(count.lowerBound) to \(count.upperBound)"
                context.report("expected \(bounds) items, found \(nodes.count)", at: node.location, path: path)
                return nil
            }
            return nodes.enumerated().compactMap { index, node in item.read(node, "\(path)[\(index)]", context) }
        }
    }
}

extension Form where Value == Bool {
    static var boolean: Form {
        .scalar("true or false", plainOnly: true) { text throws(FormError) in
            switch text {
            case "true": return true
            case "false": return false
            default: throw FormError("expected true or false, found \(Quoted(text))")
            }
        }
    }
}

extension Form where Value == Int {
    static func integer(_ range: ClosedRange<Int>) -> Form {
        .scalar("whole number, \(range.lowerBound) to \(range.upperBound)", plainOnly: true) { text throws(FormError) in
            guard let value = wholeNumber(Substring(text)) else {
                throw FormError("expected a whole number, found \(Quoted(text))")
            }
            guard range.contains(value) else {
                throw FormError("\(value) is outside \(range.lowerBound) to \(range.upperBound)")
            }
            return value
        }
    }

    /// A number of bytes with its unit: B, KiB, MiB, GiB.
    static func bytes(_ range: ClosedRange<Int>) -> Form {
        .scalar("size, \(ByteSize.text(range.lowerBound)) to \(ByteSize.text(range.upperBound))") {
            text throws(FormError) in
            guard let value = ByteSize.parse(text) else {
                throw FormError("expected a size with its unit, such as 64KiB, found \(Quoted(text))")
            }
            guard range.contains(value) else {
                let bounds = "\(ByteSize.text(range.lowerBound)) to \(ByteSize.text(range.upperBound))"
                throw FormError("\(ByteSize.text(value)) is outside \(bounds)")
            }
            return value
        }
    }
}

extension Form where Value == Duration {
    /// A time with its unit: ms, s, m, h, d.
    static func duration(_ range: ClosedRange<Duration>) -> Form {
        let bounds = "\(DurationText.text(range.lowerBound)) to \(DurationText.text(range.upperBound))"
        return .scalar("duration, \(bounds)") { text throws(FormError) in
            guard let value = DurationText.parse(text) else {
                throw FormError("expected a duration with its unit, such as 10s, found \(Quoted(text))")
            }
            guard range.contains(value) else { throw FormError("\(DurationText.text(value)) is outside \(bounds)") }
            return value
        }
    }
}

extension Form where Value == String {
    /// Any text of 1 to `limit` bytes without control characters.
    static func text(_ name: String = "text", limit: Int = 256) -> Form {
        .scalar(name) { text throws(FormError) in
            guard !text.isEmpty else { throw FormError("the text is empty") }
            guard text.utf8.count <= limit else { throw FormError("the text is longer than \(limit) bytes") }
            guard text.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control }) else {
                throw FormError("the text holds a control character")
            }
            return text
        }
    }
}

extension Form where Value: CaseIterable & RawRepresentable<String> {
    /// One of an enumeration's words, exactly as written there.
    static var word: Form {
        let words = Value.allCases.map(\.rawValue)
        let listed = words.joined(separator: ", ")
        return .scalar("one of \(words.map { "`\($0)`" }.joined(separator: ", "))") { text throws(FormError) in
            guard let value = Value(rawValue: text) else {
                let hint = nearest(to: text, among: words).map { "; did you mean \($0)?" } ?? ""
                throw FormError("\(Quoted(text)) is not one of \(listed)\(hint)")
            }
            return value
        }
    }
}

/// Digits only: no sign, no separator, no leading zero, so that no two readers can differ on it.
func wholeNumber(_ text: Substring) -> Int? {
    guard (1...18).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    guard text == "0" || !text.hasPrefix("0") else { return nil }
    return Int(text)
}

/// Sizes as configurations write them.
enum ByteSize {
    private static let units: [(suffix: String, bytes: Int)] = [
        ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("B", 1),
    ]

    static func parse(_ text: String) -> Int? {
        for unit in units where text.hasSuffix(unit.suffix) {
            guard let count = wholeNumber(text.dropLast(unit.suffix.count)) else { return nil }
            let (bytes, overflow) = count.multipliedReportingOverflow(by: unit.bytes)
            return overflow ? nil : bytes
        }
        return nil
    }

    /// In the largest unit that divides it.
    static func text(_ bytes: Int) -> String {
        for unit in units where bytes >= unit.bytes && bytes % unit.bytes == 0 {
            return "\(bytes / unit.bytes)\(unit.suffix)"
        }
        return "\(bytes)B"
    }
}

/// Durations as configurations write them.
enum DurationText {
    private static let units: [(suffix: String, milliseconds: Int64)] = [
        ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000),
    ]

    static func parse(_ text: String) -> Duration? {
        for unit in units where text.hasSuffix(unit.suffix) {
            guard let count = wholeNumber(text.dropLast(unit.suffix.count)), count <= 1_000_000_000 else { return nil }
            return .milliseconds(Int64(count) * unit.milliseconds)
        }
        return nil
    }

    /// In the largest unit that divides it; whole milliseconds.
    static func text(_ duration: Duration) -> String {
        let parts = duration.components
        let milliseconds = parts.seconds * 1000 + parts.attoseconds / 1_000_000_000_000_000
        if milliseconds == 0 { return "0s" }
        for unit in units.reversed() where milliseconds % unit.milliseconds == 0 {
            return "\(milliseconds / unit.milliseconds)\(unit.suffix)"
        }
        return "\(milliseconds)ms"
    }
}

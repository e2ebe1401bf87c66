/// Header fields in the order they came, names compared without regard to case.
///
/// No field can end a line or hold a control character except HTAB, whoever made it. The texts lie in one buffer; a
/// `String` is made when one is asked for.
public struct HTTPFields: Sendable {
    /// Where one field's texts lie in the storage.
    struct Slot: Sendable {
        var name: Range<UInt32>
        var value: Range<UInt32>
    }

    private var storage: [UInt8]
    private var slots: [Slot]

    /// No fields.
    public init() {
        storage = []
        slots = []
    }

    /// Fields that were read: `storage` has been checked by the reader that made the slots.
    init(storage: [UInt8], slots: [Slot]) {
        self.storage = storage
        self.slots = slots
    }

    /// How many field lines.
    public var count: Int { slots.count }

    /// Whether there are none.
    public var isEmpty: Bool { slots.isEmpty }

    /// The value of the first field of that name. Setting replaces all of them; `nil` removes them.
    public subscript(name: HTTPFieldName) -> String? {
        get { slots.first { matches($0, name) }.map { text($0.value) } }
        set {
            remove(name)
            if let newValue { append(name, newValue) }
        }
    }

    /// All values of that name, in order; a field that may stand once only is checked by their number.
    public func values(of name: HTTPFieldName) -> [String] {
        slots.filter { matches($0, name) }.map { text($0.value) }
    }

    /// Lends the bytes of the one field of that name to `body`, which is not called when there is none, or more than one.
    /// Without a result, which would have to be of any type: this is asked for each request.
    public func withOnlyValue(of name: HTTPFieldName, _ body: (UnsafeRawBufferPointer) -> Void) {
        var found: Range<Int>?
        for slot in slots where matches(slot, name) {
            guard found == nil else { return }
            found = slot.value.asInt
        }
        guard let found else { return }
        storage.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[found])) }
    }

    /// How many fields have that name.
    public func count(of name: HTTPFieldName) -> Int {
        slots.reduce(0) { $0 + (matches($1, name) ? 1 : 0) }
    }

    /// Whether there is a field of that name.
    public func contains(_ name: HTTPFieldName) -> Bool {
        slots.contains { matches($0, name) }
    }

    /// Whether a comma-separated field holds `token`, compared without regard to case.
    public func contains(_ name: HTTPFieldName, token: String) -> Bool {
        elements(of: name).contains { $0.lowercased() == token.lowercased() }
    }

    /// The members of a comma-separated field, over all its lines, without empty ones. Quoted commas are not understood:
    /// for fields that are lists of tokens.
    public func elements(of name: HTTPFieldName) -> [String] {
        var elements: [String] = []
        for slot in slots where matches(slot, name) {
            for member in storage[slot.value.asInt].split(separator: ASCII.comma) {
                let trimmed = trim(member)
                if !trimmed.isEmpty { elements.append(String(decoding: trimmed, as: UTF8.self)) }
            }
        }
        return elements
    }

    /// Adds a field line at the end.
    ///
    /// Control characters in the value become spaces, as RFC 9110 §5.5 has it, and spaces around it are dropped: no
    /// value can begin another line.
    public mutating func append(_ name: HTTPFieldName, _ value: String) {
        let start = UInt32(storage.count)
        storage.append(contentsOf: name.text.utf8)
        let nameEnd = UInt32(storage.count)
        storage.append(ASCII.colon)
        storage.append(ASCII.space)
        let valueStart = storage.count
        for byte in value.utf8 {
            let kept = ASCII.isFieldContent(byte) ? byte : ASCII.space
            if storage.count > valueStart || !FieldLine.isWhiteSpace(kept) { storage.append(kept) }
        }
        while storage.count > valueStart, let last = storage.last, FieldLine.isWhiteSpace(last) {
            storage.removeLast()
        }
        slots.append(Slot(name: start..<nameEnd, value: UInt32(valueStart)..<UInt32(storage.count)))
    }

    /// Removes every field of that name.
    public mutating func remove(_ name: HTTPFieldName) {
        guard contains(name) else { return }
        slots = slots.filter { !matches($0, name) }
    }

    /// Writes the field lines, each with CRLF, except those whose name, as written, `isOmitted` holds for.
    @inline(__always)
    func appendLines(to output: inout [UInt8], omitting isOmitted: (Span<UInt8>) -> Bool) {
        let bytes = storage.span
        for slot in slots {
            let name = bytes.extracting(slot.name.asInt)
            guard !isOmitted(name) else { continue }
            // What lies between the two is a colon and white space, read or written.
            output.append(bytes.extracting(Int(slot.name.lowerBound)..<Int(slot.value.upperBound)))
            output.append(ASCII.carriageReturn)
            output.append(ASCII.lineFeed)
        }
    }

    private func matches(_ slot: Slot, _ name: HTTPFieldName) -> Bool {
        guard slot.name.count == name.text.utf8.count else { return false }
        let bytes = storage.span
        var index = Int(slot.name.lowerBound)
        for byte in name.text.utf8 {
            // Most names come as they are written here.
            guard bytes[index] == byte || ASCII.lowercased(bytes[index]) == ASCII.lowercased(byte) else { return false }
            index += 1
        }
        return true
    }

    private func text(_ range: Range<UInt32>) -> String {
        storage.withUnsafeBufferPointer {
            String(decoding: UnsafeBufferPointer(rebasing: $0[range.asInt]), as: UTF8.self)
        }
    }
}

extension HTTPFields: Sequence {
    /// Names and values in order.
    public func makeIterator() -> some IteratorProtocol<(name: String, value: String)> {
        slots.lazy.map { (name: text($0.name), value: text($0.value)) }.makeIterator()
    }
}

extension HTTPFields: Equatable {
    /// The same fields in the same order; names compared without regard to case.
    public static func == (left: HTTPFields, right: HTTPFields) -> Bool {
        left.count == right.count
            && zip(left.slots, right.slots).allSatisfy { a, b in
                a.name.count == b.name.count
                    && equalIgnoringCase(left.storage[a.name.asInt], right.storage[b.name.asInt])
                    && left.storage[a.value.asInt] == right.storage[b.value.asInt]
            }
    }
}

extension HTTPFields: ExpressibleByDictionaryLiteral, CustomStringConvertible {
    /// Fields in the order written; a name may stand more than once.
    public init(dictionaryLiteral elements: (HTTPFieldName, String)...) {
        self.init()
        for (name, value) in elements { append(name, value) }
    }

    /// The names only: values may be secrets.
    public var description: String { map(\.name).joined(separator: ", ") }
}

private func equalIgnoringCase(_ left: some Sequence<UInt8>, _ right: some Sequence<UInt8>) -> Bool {
    zip(left, right).allSatisfy { ASCII.lowercased($0) == ASCII.lowercased($1) }
}

private func trim(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var bytes = bytes
    while let first = bytes.first, first == ASCII.space || first == ASCII.tab { bytes.removeFirst() }
    while let last = bytes.last, last == ASCII.space || last == ASCII.tab { bytes.removeLast() }
    return bytes
}

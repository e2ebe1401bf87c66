internal import Bytes
internal import Clocks

/// One line of the log as it is read back: where its members stand, without reading all of it.
struct AuditLine {
    static let macStart = Array(#","mac":""#.utf8)
    static let lineEnd = Array(#""}"#.utf8)
    /// `,"mac":"` and 64 digits and `"}`.
    static let macLength = 74
    /// No line is longer: a record's members are bounded.
    static let maximumLength = 64 << 10

    /// Without its line feed.
    let bytes: ArraySlice<UInt8>
    /// The value of each member of the object as it is written, in order.
    private let members: [(name: Range<Int>, value: Range<Int>)]

    /// `nil` unless it is one JSON object with members, as this program writes it.
    init?(_ bytes: ArraySlice<UInt8>) {
        guard let members = AuditLine.scan(bytes) else { return nil }
        self.bytes = bytes
        self.members = members
    }

    /// What the MAC is over.
    var signed: ArraySlice<UInt8> { bytes.dropLast(AuditLine.macLength) }

    /// The MAC, if the line ends in one.
    var mac: [UInt8]? {
        let tail = bytes.suffix(AuditLine.macLength)
        guard tail.count == AuditLine.macLength, tail.starts(with: AuditLine.macStart),
            tail.suffix(2).elementsEqual(AuditLine.lineEnd)
        else { return nil }
        return Hex.decode(String(decoding: tail.dropFirst(AuditLine.macStart.count).dropLast(2), as: UTF8.self))
    }

    /// A member's value as it is written, quotes included.
    func raw(_ name: StaticString) -> ArraySlice<UInt8>? {
        for member in members {
            let isEqual = name.withUTF8Buffer { buffer in
                buffer.count == member.name.count && bytes[member.name].elementsEqual(buffer)
            }
            if isEqual { return bytes[member.value] }
        }
        return nil
    }

    /// A number.
    func integer(_ name: StaticString) -> Int? {
        raw(name).flatMap { Int(String(decoding: $0, as: UTF8.self)) }
    }

    /// A text without escapes; `nil` for one with them.
    func text(_ name: StaticString) -> String? {
        guard let value = raw(name), value.count >= 2, value.first == UInt8(ascii: "\""),
            !value.contains(UInt8(ascii: "\\"))
        else { return nil }
        return String(decoding: value.dropFirst().dropLast(), as: UTF8.self)
    }

    /// Bytes in hexadecimal.
    func hash(_ name: StaticString) -> [UInt8]? { text(name).flatMap { Hex.decode($0) } }

    /// Its number; none that another could not follow.
    var sequence: Int? { integer("seq").flatMap { (1..<Int.max).contains($0) ? $0 : nil } }
    /// The hash of the entry before.
    var previous: [UInt8]? { hash("prev") }
    /// What it is about.
    var kind: AuditRecord.Kind? { text("kind").flatMap { AuditRecord.Kind(rawValue: $0) } }
    /// The wall clock's.
    var time: WallTime? { text("time").flatMap { WallTime(rfc3339: $0) } }

    /// Of the first line of a file: the file before it, and how much of that counts.
    var segmentEnd: SegmentEnd? {
        guard let segment = integer("after_segment"), let bytes = integer("after_bytes") else { return nil }
        return SegmentEnd(segment: segment, bytes: bytes)
    }

    /// Finds the members: a walk over strings and brackets, which judges nothing inside a value.
    private static func scan(_ bytes: ArraySlice<UInt8>) -> [(name: Range<Int>, value: Range<Int>)]? {
        guard bytes.count >= 2, bytes.count <= maximumLength, bytes.first == UInt8(ascii: "{"),
            bytes.last == UInt8(ascii: "}")
        else { return nil }
        var members: [(name: Range<Int>, value: Range<Int>)] = []
        members.reserveCapacity(20)
        let end = bytes.endIndex - 1
        var index = bytes.startIndex + 1
        while index < end {
            guard let nameEnd = stringEnd(bytes, index, end), nameEnd < end, bytes[nameEnd] == UInt8(ascii: ":"),
                let valueEnd = valueEnd(bytes, nameEnd + 1, end), valueEnd > nameEnd + 1, members.count < 64
            else { return nil }
            members.append((index + 1..<nameEnd - 1, nameEnd + 1..<valueEnd))
            index = valueEnd
            guard index < end else { break }
            guard bytes[index] == UInt8(ascii: ",") else { return nil }
            index += 1
        }
        return members
    }

    /// The index behind a string's closing quote.
    private static func stringEnd(_ bytes: ArraySlice<UInt8>, _ start: Int, _ end: Int) -> Int? {
        guard start < end, bytes[start] == UInt8(ascii: "\"") else { return nil }
        var index = start + 1
        while index < end {
            switch bytes[index] {
            case UInt8(ascii: "\""): return index + 1
            case UInt8(ascii: "\\"): index += 2
            default: index += 1
            }
        }
        return nil
    }

    /// The index of the comma or the end behind a value.
    private static func valueEnd(_ bytes: ArraySlice<UInt8>, _ start: Int, _ end: Int) -> Int? {
        var depth = 0
        var index = start
        while index < end {
            switch bytes[index] {
            case UInt8(ascii: "\""):
                guard let next = stringEnd(bytes, index, end) else { return nil }
                index = next
                continue
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                guard depth > 0 else { return nil }
                depth -= 1
            case UInt8(ascii: ",") where depth == 0: return index
            default: break
            }
            index += 1
        }
        return depth == 0 ? index : nil
    }
}

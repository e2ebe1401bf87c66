/// Collects the header fields of an answer from the lines libcurl hands over, one by one.
struct ResponseHead {
    /// The most bytes of head, interim answers and trailers included.
    static let limit = 64 << 10

    /// Fields of the last head, in order, names in lower case.
    private(set) var fields: [(name: String, value: String)] = []
    private var size = 0
    private var isComplete = false

    /// Takes one line with its end. False when the head grows beyond the limit.
    mutating func take(_ line: UnsafeRawBufferPointer) -> Bool {
        size += line.count
        guard size <= Self.limit else { return false }
        if line.starts(with: "HTTP/".utf8) {
            // A further head, after 100 or 103 for instance, replaces the one before.
            fields = []
            isComplete = false
        } else if !isComplete {
            read(line)
        }
        return true
    }

    private mutating func read(_ line: UnsafeRawBufferPointer) {
        let isBlank: (UInt8) -> Bool = { [0x20, 0x09, 0x0D, 0x0A].contains($0) }
        guard line.contains(where: { !isBlank($0) }) else {
            isComplete = true
            return
        }
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return }
        let rest = line[(colon + 1)...].drop(while: isBlank)
        let end = rest.lastIndex { !isBlank($0) }.map { $0 + 1 } ?? rest.startIndex
        let name = String(decoding: line[..<colon], as: UTF8.self).lowercased()
        fields.append((name, String(decoding: rest[..<end], as: UTF8.self)))
    }
}

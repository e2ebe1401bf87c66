// modules: Clocks Bytes HTTPWire
import HTTPWire

// The parser must not trap; must use no more bytes than it was given; and must give the same events, the same bodies and
// the same error however its input is cut. The first byte of an input chooses the cut.

private struct Outcome: Equatable {
    var heads: [HTTPRequestHead] = []
    var bodies: [[UInt8]] = []
    var ends = 0
    var error: HTTPParseError?
}

private let limits = HTTPLimits(
    requestLineBytes: 256, headerBytes: 512, fieldCount: 12, bodyBytes: 300, chunkLineBytes: 40,
    chunkExtensionBytes: 80, trailerBytes: 100)

private func run(_ bytes: [UInt8], pieceLength: Int) -> Outcome {
    var parser = HTTPRequestParser(limits: limits)
    var outcome = Outcome()
    var body: [UInt8] = []
    var start = 0
    while start < bytes.count {
        let piece = Array(bytes[start..<min(start + pieceLength, bytes.count)])
        start += piece.count
        var offset = 0
        let isFine = piece.withUnsafeBytes { input -> Bool in
            while true {
                let before = offset
                do throws(HTTPParseError) {
                    guard let event = try parser.next(input, from: &offset) else {
                        precondition(offset == input.count, "bytes left behind")
                        return true
                    }
                    precondition(offset >= before && offset <= input.count, "more used than given")
                    switch event {
                    case .head(let head):
                        outcome.heads.append(head)
                        look(at: head)
                    case .body(let range):
                        precondition(!range.isEmpty && range.lowerBound >= before && range.upperBound <= offset)
                        body += input[range]
                        precondition(body.count <= limits.bodyBytes, "a body over its limit")
                    case .end:
                        outcome.bodies.append(body)
                        outcome.ends += 1
                        body = []
                    }
                } catch {
                    outcome.error = error
                    return false
                }
            }
        }
        if !isFine { break }
    }
    return outcome
}

/// Everything that is decoded lazily.
private func look(at head: HTTPRequestHead) {
    _ = head.target.segments
    _ = head.target.query
    precondition(head.authority.map { HTTPAuthority($0) != nil } ?? true)
    for (name, value) in head.fields {
        precondition(HTTPFieldName(name) != nil)
        precondition(!value.utf8.contains { $0 < 0x20 && $0 != 0x09 })
        _ = MediaType(value)
        _ = MediaType.preferred(of: [.json, .ndjson], accept: value)
    }
}

/// libFuzzer's entry.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    guard let cut = bytes.first else { return 0 }
    let message = Array(bytes.dropFirst())
    let whole = run(message, pieceLength: max(message.count, 1))
    precondition(whole == run(message, pieceLength: Int(cut) % 64 + 1), "the cut changed the outcome")
    return 0
}

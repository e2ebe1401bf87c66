// modules: Clocks Bytes Cryptography
// files: Sources/AuditLog/AuditAnchor.swift Sources/AuditLog/AuditChain.swift Sources/AuditLog/AuditEntry.swift
// files: Sources/AuditLog/AuditKey.swift Sources/AuditLog/AuditLine.swift Sources/AuditLog/AuditQuery.swift
// files: Sources/AuditLog/AuditRecord.swift Sources/AuditLog/ChainVerifier.swift Sources/AuditLog/EntryBatch.swift
// files: Sources/AuditLog/EntryEncoder.swift Sources/AuditLog/SegmentIndex.swift
import Bytes
import Cryptography

// A file of the audit log must not trap whoever reads or judges it, whatever a disk or an intruder made of it. The index
// misses no line that a query finds; what is not signed never counts as an entry.

private func lines(of bytes: [UInt8]) -> [ArraySlice<UInt8>] {
    bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
}

/// As the thread that reads does: blocks are indexed, then their lines are looked through.
private func read(_ bytes: [UInt8]) {
    var index = SegmentIndex()
    index.extend(with: bytes)
    precondition(index.end <= bytes.count, "it indexed more than there is")
    for line in lines(of: bytes).dropLast().compactMap({ AuditLine($0) }) {
        guard line.sequence != nil, let time = line.time else { continue }
        var query = AuditQuery()
        query.key = line.text("key")
        query.account = line.text("account")
        query.start = time
        guard query.holds(line, query.wanted) else { continue }
        let mayHold = index.blocks.contains { query.mayHold($0, query.wanted) }
        precondition(mayHold, "the index misses a line")
    }
}

/// Judged as the only file of a log, or as the first of two.
private func judge(_ bytes: [UInt8], key: AuditKey, isLast: Bool) -> AuditVerification {
    var verifier = ChainVerifier(key: key, anchors: [])
    let next = isLast ? nil : lines(of: bytes).first.flatMap { verifier.header($0) }
    let counted = verifier.begin(1, size: bytes.count, next: next) { end in Array(bytes.dropFirst(max(0, end.bytes))) }
    var offset = 0
    let all = lines(of: bytes)
    for line in all.dropLast() where offset < counted {
        verifier.line(line, offset: offset)
        offset += line.count + 1
    }
    if let rest = all.last { verifier.openEnd(rest, offset: offset) }
    verifier.end(1, size: bytes.count, counted: counted, next: next)
    verifier.finish()
    precondition(verifier.result.entries <= all.count, "more entries than lines")
    return verifier.result
}

/// The lines' members, tied to each other and signed as the program does: what a mistake of ours, not of a stranger, made.
private func signed(_ bytes: [UInt8], key: AuditKey) -> [UInt8] {
    let authenticator = key.authenticator()
    var hash = ChainHead().hash
    var mac: [UInt8] = []
    var log: [UInt8] = []
    for members in lines(of: bytes) {
        var line = Array("{".utf8) + members + Array(",\"prev\":\"\(Hex.encode(hash))\"".utf8)
        authenticator.authenticate(line[...], into: &mac)
        line += AuditLine.macStart + Array(Hex.encode(mac).utf8) + AuditLine.lineEnd
        hash = Digest.sha256(line)
        log += line + [0x0A]
    }
    return log
}

/// libFuzzer's entry.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    guard let key = AuditKey(bytes: [UInt8](repeating: 7, count: 32)) else { return 0 }
    read(bytes)
    for isLast in [true, false] {
        let found = judge(bytes, key: key, isLast: isLast)
        precondition(found.entries == 0, "an entry without a signature")
        _ = judge(signed(bytes, key: key), key: key, isLast: isLast)
    }
    let signed = signed(bytes, key: key)
    read(signed)
    _ = AuditAnchor(String(decoding: bytes, as: UTF8.self))
    return 0
}

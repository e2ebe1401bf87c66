@testable import AuditLog
import Bytes
import Clocks
import Glibc
import TestSupport

/// A log in a folder of its own, with a clock moved by hand.
final class LogOnDisk {
    let directory = TemporaryDirectory()
    let key: AuditKey
    let folder: AuditFolder
    private(set) var disk: FaultyDisk
    private(set) var writer: SegmentWriter
    var time = WallTime(seconds: 1_790_000_000)
    var now = Instant.zero
    let options: AuditOptions
    private var encoder = EntryEncoder(boot: "0000000000000000")

    init(_ configure: (inout AuditOptions) -> Void = { _ in }) throws {
        var options = AuditOptions()
        configure(&options)
        self.options = options
        key = try AuditKey.readOrMake(directory.file("audit.key"), mayMake: true)
        folder = try AuditFolder(directory.file("audit"), anchorPath: directory.file("audit.anchor"))
        disk = FaultyDisk(folder)
        writer = SegmentWriter(
            disk: disk, key: key, boot: "0000000000000000", options: options,
            after: try AuditRecovery(folder, key: key, time: time, now: now))
    }

    /// As after the end of the process: what was not written is gone.
    func restart() throws {
        disk = FaultyDisk(folder)
        writer = SegmentWriter(
            disk: disk, key: key, boot: "1111111111111111", options: options,
            after: try AuditRecovery(folder, key: key, time: time, now: now))
    }

    func record(_ number: Int, kind: AuditRecord.Kind = .intent) -> AuditRecord {
        var record = AuditRecord(kind, time: time, monotonic: now)
        record.requestID = "request-\(number)"
        record.key = number.isMultiple(of: 2) ? "even" : "odd"
        record.orderID = "order-\(number)"
        record.arguments = .init(shown: [.init("symbol", "700.HK"), .init("note", "\"\n,{}")], redacted: 1)
        return record
    }

    @discardableResult
    func append(_ numbers: ClosedRange<Int>, _ demand: AuditEntry.Demand = .durable) -> [AuditError?] {
        numbers.map { number in
            now = now + .milliseconds(10)
            return writer.perform(batch(number, demand), time: time, now: now).first ?? nil
        }
    }

    /// An entry as the log hands it over: those that nobody waits for are text already, most of them.
    private func batch(_ number: Int, _ demand: AuditEntry.Demand) -> EntryBatch {
        guard demand == .plain, !number.isMultiple(of: 3) else {
            return EntryBatch([AuditEntry(record: record(number), demand: demand)])
        }
        var (text, batch) = ([UInt8](), EntryBatch())
        encoder.append(record(number), to: &text)
        batch.append(text: text[...])
        return batch
    }

    func verify(_ anchors: [AuditAnchor] = []) throws -> AuditVerification {
        var verifier = try AuditVerifier(state: directory.path, key: key, anchors: anchors)
        return try verifier.run()
    }

    var numbers: [Int] { get throws { try folder.numbers() } }

    func bytes(_ number: Int) throws -> [UInt8] {
        let path = folder.path(of: number)
        return try SegmentReading.read(path, from: 0, count: SegmentReading.size(path))
    }

    func put(_ bytes: [UInt8], _ number: Int) {
        directory.write("audit/\(AuditFolder.name(number))", bytes)
    }

    /// Every entry there is, as text.
    func lines() throws -> [String] {
        try numbers.flatMap { number in
            try bytes(number).split(separator: 0x0A).map { String(decoding: $0, as: UTF8.self) }
        }
    }

    /// Of the entries that count: of a file that is followed by another, as far as that one says.
    func countedRequestIDs() throws -> [String] {
        let ends = try lines().compactMap { AuditLine(Array($0.utf8)[...])?.segmentEnd }
        return try numbers.flatMap { number in
            let end = ends.last { $0.segment == number }?.bytes ?? Int.max
            return try bytes(number).prefix(end).split(separator: 0x0A)
                .compactMap { AuditLine(Array($0)[...])?.text("request_id") }
        }
    }

    func requestIDs() throws -> [String] {
        try lines().compactMap { AuditLine(Array($0.utf8)[...])?.text("request_id") }
    }
}

/// A folder whose n-th operation fails.
final class FaultyDisk: AuditDisk {
    let folder: AuditFolder
    /// Operations that have happened.
    var count = 0
    /// What happens to operation number `count`.
    var fault: (Int) -> Int32? = { _ in nil }

    init(_ folder: AuditFolder) { self.folder = folder }

    func step() throws(DiskFailure) {
        count += 1
        if let code = fault(count) { throw DiskFailure(code) }
    }

    func create(_ number: Int) throws(DiskFailure) -> any SegmentFile {
        try step()
        return FaultyFile(try folder.create(number), self)
    }
    func adoptReserve(_ number: Int) throws(DiskFailure) -> any SegmentFile {
        // Room that is kept back is there however full the disk is.
        FaultyFile(try folder.adoptReserve(number), self, isReserve: true)
    }
    func makeReserve(bytes: Int) throws(DiskFailure) {
        try step()
        try folder.makeReserve(bytes: bytes)
    }
    var hasReserve: Bool { folder.hasReserve }
    func remove(_ number: Int) throws(DiskFailure) { try folder.remove(number) }
    func syncFolder() throws(DiskFailure) {
        try step()
        try folder.syncFolder()
    }
    func write(anchor: [UInt8]) throws(DiskFailure) { try folder.write(anchor: anchor) }
}

final class FaultyFile: SegmentFile {
    private let file: any SegmentFile
    private let disk: FaultyDisk
    private let isReserve: Bool

    init(_ file: any SegmentFile, _ disk: FaultyDisk, isReserve: Bool = false) {
        self.file = file
        self.disk = disk
        self.isReserve = isReserve
    }

    func write(_ bytes: [UInt8]) throws(DiskFailure) {
        do throws(DiskFailure) { if !isReserve { try disk.step() } } catch {
            // As a disk that fills up does: a part is taken.
            try file.write(Array(bytes.prefix(bytes.count / 2)))
            throw error
        }
        try file.write(bytes)
    }
    func sync() throws(DiskFailure) {
        if !isReserve { try disk.step() }
        try file.sync()
    }
    func isIntact(bytes: Int) -> Bool { file.isIntact(bytes: bytes) }
}

internal import Clocks

/// Where in one file the entries of some time, key or order can be: a note for every few hundred of them.
struct SegmentIndex {
    /// Entries that stand together in the file.
    struct Block {
        var offset: Int
        var bytes = 0
        var entries = 0
        var firstSequence: Int
        var lastSequence: Int
        var earliest: WallTime
        var latest: WallTime
        var names = NameFilter()
    }

    /// Entries in a block.
    static let blockEntries = 512

    private(set) var blocks: [Block] = []
    /// How far the file is indexed, in bytes.
    private(set) var end = 0

    /// Takes in the lines of `bytes`, which stand in the file at ``end``; an incomplete last line is left for later.
    mutating func extend(with bytes: [UInt8]) {
        var index = 0
        while let lineEnd = bytes[index...].firstIndex(of: 0x0A) {
            if let line = AuditLine(bytes[index..<lineEnd]) { add(line, bytes: lineEnd + 1 - index) }
            end += lineEnd + 1 - index
            index = lineEnd + 1
        }
    }

    private mutating func add(_ line: AuditLine, bytes: Int) {
        guard let sequence = line.sequence, let time = line.time else { return }
        if blocks.last.map({ $0.entries >= SegmentIndex.blockEntries }) ?? true {
            blocks.append(
                Block(offset: end, firstSequence: sequence, lastSequence: sequence, earliest: time, latest: time))
        }
        let last = blocks.count - 1
        blocks[last].bytes = end + bytes - blocks[last].offset
        blocks[last].entries += 1
        blocks[last].lastSequence = sequence
        blocks[last].earliest = min(blocks[last].earliest, time)
        blocks[last].latest = max(blocks[last].latest, time)
        for (member, name) in AuditQuery.indexed {
            if let value = line.raw(name) { blocks[last].names.insert(member, value) }
        }
    }
}

/// Which texts may stand in a block: a Bloom filter of 4096 bits, never wrong when it says no.
struct NameFilter {
    private var words = [UInt64](repeating: 0, count: 64)

    mutating func insert(_ member: UInt8, _ value: ArraySlice<UInt8>) {
        for bit in NameFilter.bits(member, value) { words[bit >> 6] |= 1 << UInt64(bit & 63) }
    }

    func mayContain(_ member: UInt8, _ value: ArraySlice<UInt8>) -> Bool {
        NameFilter.bits(member, value).allSatisfy { words[$0 >> 6] & (1 << UInt64($0 & 63)) != 0 }
    }

    /// Three places from one FNV-1a hash.
    private static func bits(_ member: UInt8, _ value: ArraySlice<UInt8>) -> [Int] {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        hash = (hash ^ UInt64(member)) &* 0x100_0000_01b3
        for byte in value { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        hash ^= hash >> 29
        return [Int(hash & 4095), Int(hash >> 16 & 4095), Int(hash >> 32 & 4095)]
    }
}

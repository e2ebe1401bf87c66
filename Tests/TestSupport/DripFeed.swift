/// Cuts input the ways a stream may cut it, to show that a parser does not care.
public enum DripFeed {
    /// Every way to cut `bytes` in two, and once byte by byte; the last of these is in one piece.
    public static func everyCut(_ bytes: [UInt8]) -> [[ArraySlice<UInt8>]] {
        var feeds = bytes.indices.dropFirst().map { [bytes[..<$0], bytes[$0...]] }
        feeds.append(bytes.indices.map { bytes[$0...$0] })
        feeds.append([bytes[...]])
        return feeds
    }
}

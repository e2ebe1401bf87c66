internal import Clocks
internal import Cryptography

/// Callers accepted lately, by the `Authorization` they sent: a client that asks often is not hashed each time.
///
/// Only keys that work from any address are kept. Each comparison looks at every byte. A change of the keys empties it.
struct RecentKeys {
    private struct Entry {
        var authorization: [UInt8]
        var holder: KeyHolder
        var expires: WallTime?
    }

    /// Callers kept; the oldest goes.
    private static let bound = 16

    private var entries: [Entry] = []

    /// The caller that sent this lately, if its key still works.
    func holder(of authorization: UnsafeRawBufferPointer, now: () -> WallTime) -> KeyHolder? {
        // By index: an entry is large, and would be copied.
        for index in entries.indices where constantTimeEquals(authorization, entries[index].authorization) {
            if let expires = entries[index].expires, now() >= expires { return nil }
            return entries[index].holder
        }
        return nil
    }

    mutating func add(_ authorization: String, _ holder: KeyHolder, expires: WallTime?) {
        guard holder.ranges == nil else { return }
        if entries.count >= RecentKeys.bound { entries.removeFirst() }
        entries.append(Entry(authorization: Array(authorization.utf8), holder: holder, expires: expires))
    }

    mutating func forget() { entries = [] }
}

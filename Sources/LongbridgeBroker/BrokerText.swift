/// A text of the broker's as it is kept and shown: `nil` if there is none, and never longer than ``bound`` bytes, for a
/// name or a reason of megabytes would be kept with each order and sent to each reader.
enum BrokerText {
    /// In bytes of UTF-8; the vendor's own texts have at most 255 characters.
    static let bound = 1024

    static func of(_ value: String) -> String? {
        guard !value.isEmpty else { return nil }
        guard value.utf8.count > bound else { return value }
        let scalars = value.unicodeScalars
        var end = value.utf8.index(value.startIndex, offsetBy: bound - 3)
        while end > value.startIndex, end.samePosition(in: scalars) == nil { end = value.utf8.index(before: end) }
        return value[..<end] + "…"
    }
}

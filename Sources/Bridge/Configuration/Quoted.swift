/// A text from outside as a message may show it: in quotes, bounded, control characters replaced.
struct Quoted: CustomStringConvertible {
    /// Longer texts end in an ellipsis.
    static let limit = 64

    let description: String

    init(_ text: String) {
        var shown = ""
        for (count, scalar) in text.unicodeScalars.enumerated() {
            guard count < Self.limit else {
                shown += "…"
                break
            }
            let isControl =
                scalar.properties.generalCategory == .control || scalar.properties.generalCategory == .format
            shown.unicodeScalars.append(isControl ? "\u{FFFD}" : scalar)
        }
        description = "'\(shown)'"
    }
}

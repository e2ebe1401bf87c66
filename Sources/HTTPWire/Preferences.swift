/// What a request prefers.
///
/// - Source: RFC 7240, sections 2 and 4.3.
public enum Preferences {
    /// Seconds that `wait` gives; of several the first counts. `nil` where it is absent or not a number of seconds, since
    /// a preference that is not understood is ignored.
    public static func waitSeconds(_ fields: HTTPFields) -> Int? {
        guard fields.count(of: "Prefer") > 0 else { return nil }
        for line in fields.values(of: "Prefer") {
            for preference in line.utf8.split(separator: UInt8(ascii: ",")) {
                // What stands behind `;` are parameters of the preference.
                let words = preference.prefix { $0 != UInt8(ascii: ";") }
                    .split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
                guard let name = words.first, Preferences.text(name).lowercased() == "wait" else { continue }
                return words.dropFirst().first.flatMap { Preferences.seconds(Preferences.text($0)) }
            }
        }
        return nil
    }

    /// Nine digits at most; more are more than anybody waits.
    private static func seconds(_ text: String) -> Int? {
        var digits = text.utf8[...]
        if digits.count >= 2, digits.first == UInt8(ascii: "\""), digits.last == UInt8(ascii: "\"") {
            digits = digits.dropFirst().dropLast()
        }
        guard (1...9).contains(digits.count),
            digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { return nil }
        return digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
    }

    /// Without the white space around.
    private static func text(_ bytes: Substring.UTF8View) -> String {
        let isSpace = { (byte: UInt8) in byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
        var kept = bytes.drop(while: isSpace)
        while let last = kept.last, isSpace(last) { kept = kept.dropLast() }
        return String(Substring(kept))
    }
}

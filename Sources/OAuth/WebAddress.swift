/// The parts of an absolute `http` or `https` URL that decide whom we talk to.
struct WebAddress: Equatable, Sendable {
    let scheme: String
    /// Host and port as written, in lower case.
    let authority: String
    /// Everything behind the authority.
    let rest: String

    /// At most 2048 visible ASCII characters; no user, no fragment, no backslash.
    init?(_ text: String) {
        guard TokenText.checked(text, limit: 2048) != nil, let separator = text.firstRange(of: "://") else {
            return nil
        }
        scheme = text[..<separator.lowerBound].lowercased()
        guard scheme == "https" || scheme == "http" else { return nil }
        let behind = text[separator.upperBound...]
        let end = behind.firstIndex { "/?#".contains($0) } ?? behind.endIndex
        authority = behind[..<end].lowercased()
        rest = String(behind[end...])
        guard !authority.isEmpty, !text.contains(where: { "@\\#\"<>".contains($0) }) else { return nil }
    }

    /// Whether both lead to the same server in the same way.
    func isSameOrigin(as other: WebAddress) -> Bool { scheme == other.scheme && authority == other.authority }
}

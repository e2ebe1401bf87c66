internal import Bytes
internal import Cryptography
internal import HTTPServing
internal import HTTPWire

/// A weak entity tag: equal for answers that say the same, whenever they were fetched (RFC 9110, section 8.8.3).
enum EntityTag {
    /// The tag of what an answer says, without its `meta`.
    static func weak(_ body: [UInt8]) -> String {
        "W/\"\(Base64URL.encode(Array(Digest.sha256(body).prefix(12))))\""
    }

    /// Whether the request already has what `tag` names: `If-None-Match` compares weakly.
    static func matches(_ head: HTTPRequestHead, _ tag: String) -> Bool {
        head.fields.values(of: "If-None-Match").contains { field in
            field == "*"
                || field.split(separator: ",").contains {
                    let candidate = $0.drop { $0 == " " }
                    return (candidate.hasPrefix("W/") ? candidate : "W/" + candidate).trimmingSpaces == tag
                }
        }
    }
}

extension Substring {
    fileprivate var trimmingSpaces: Substring {
        var text = self
        while text.last == " " { text.removeLast() }
        return text
    }
}

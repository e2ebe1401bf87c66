extension Form where Value == ListenAddress {
    /// An IP address with its port.
    static var listenAddress: Form {
        .scalar("`address:port`") { text throws(FormError) in
            guard let address = ListenAddress(text) else {
                throw FormError("expected address:port such as 127.0.0.1:8080 or [::1]:8080, found \(Quoted(text))")
            }
            return address
        }
    }
}

extension Form where Value == AddressRange {
    /// A CIDR range, or one address.
    static var addressRange: Form {
        .scalar("CIDR range") { text throws(FormError) in
            guard let range = AddressRange(text) else {
                throw FormError(
                    "expected a range such as 10.0.0.0/8 without bits behind its prefix, or one address, found \(Quoted(text))"
                )
            }
            return range
        }
    }
}

extension Form where Value == String {
    /// A path; a relative one starts at the configuration file's folder.
    static var path: Form {
        Form(name: "path") { node, path, context in
            guard let text = Form.text("path", limit: 1024).read(node, path, context) else { return nil }
            return text.hasPrefix("/") || context.directory.isEmpty ? text : "\(context.directory)/\(text)"
        }
    }

    /// A name for `Host`, with or without a port; lower case. No wildcard: a prefix or suffix match can be met by a foreign name.
    static var hostName: Form {
        .scalar("host name") { text throws(FormError) in
            let lower = text.lowercased()
            guard HostText.isHost(lower[...], allowsPort: true) else {
                throw FormError("expected a host name such as bridge.example.com, found \(Quoted(text))")
            }
            return lower
        }
    }

    /// `http` or `https`, a host and perhaps a port, and nothing behind.
    static var origin: Form {
        .scalar("origin, such as `https://app.example.com`") { text throws(FormError) in
            guard let url = EndpointURL(text), url.scheme == "http" || url.scheme == "https", url.path.isEmpty else {
                throw FormError(
                    "expected an origin such as https://app.example.com, without a path, found \(Quoted(text))")
            }
            // Browsers leave out the scheme's own port.
            let isUsualPort = url.port == (url.scheme == "https" ? 443 : 80)
            return "\(url.scheme)://\(isUsualPort ? HostText.withoutPort(url.authority) : url.authority)"
        }
    }

    /// An absolute URL with one of `schemes`; a path is kept, an ending slash is not.
    static func url(schemes: [String]) -> Form {
        .scalar(schemes.map { "`\($0)://…`" }.joined(separator: " or ")) { text throws(FormError) in
            guard let url = EndpointURL(text), schemes.contains(url.scheme) else {
                throw FormError(
                    "expected \(schemes.map { "\($0)://…" }.joined(separator: " or ")), found \(Quoted(text))")
            }
            return url.text
        }
    }
}

/// The parts of a URL that name an endpoint: no user, no query, no fragment.
public struct EndpointURL: Sendable, Equatable {
    /// Lower case; any.
    public let scheme: String
    /// Lower case; with brackets for IPv6, with the port if one was given.
    public let authority: String
    /// Empty, or starting with a slash and not ending in one.
    public let path: String

    /// Reads at most 512 visible ASCII characters, `scheme://host[:port][/path]`.
    public init?(_ text: String) {
        guard text.utf8.count <= 512, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }),
            let separator = text.firstRange(of: "://")
        else { return nil }
        scheme = text[..<separator.lowerBound].lowercased()
        let rest = text[separator.upperBound...]
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        authority = rest[..<slash].lowercased()
        guard HostText.isHost(authority[...], allowsPort: true) else { return nil }
        var path = rest[slash...]
        guard !path.contains(where: { "?#@\\".contains($0) }) else { return nil }
        while path.hasSuffix("/") { path = path.dropLast() }
        self.path = String(path)
    }

    /// The authority without its port and without brackets.
    public var host: String {
        let host = HostText.withoutPort(authority)
        return host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
    }

    /// The port given, if one was.
    public var port: Int? {
        let host = HostText.withoutPort(authority)
        return host.utf8.count == authority.utf8.count ? nil : wholeNumber(authority.dropFirst(host.count + 1))
    }

    var text: String { "\(scheme)://\(authority)\(path)" }

    /// Whether what is sent there can be read on the way.
    var isPlain: Bool { scheme == "http" || scheme == "ws" }

    /// `localhost` or a loopback address.
    public var isLoopback: Bool {
        host == "localhost" || IPAddress(host)?.isLoopback == true
    }
}

/// Host names and addresses as URLs and `Host` write them.
enum HostText {
    static func isHost(_ text: Substring, allowsPort: Bool) -> Bool {
        let host = withoutPort(String(text))
        if host.utf8.count != text.utf8.count {
            guard allowsPort, let port = wholeNumber(text.dropFirst(host.count + 1)), (1...65535).contains(port) else {
                return false
            }
        }
        if host.hasPrefix("[") {
            return host.hasSuffix("]") && IPAddress(String(host.dropFirst().dropLast()))?.isVersion6 == true
        }
        guard (1...253).contains(host.utf8.count) else { return false }
        return host.split(separator: ".", omittingEmptySubsequences: false).allSatisfy(isLabel)
    }

    /// Everything before the port's colon.
    static func withoutPort(_ text: String) -> String {
        if text.hasPrefix("["), let bracket = text.firstIndex(of: "]") { return String(text[...bracket]) }
        return String(text.prefix { $0 != ":" })
    }

    private static func isLabel(_ label: Substring) -> Bool {
        (1...63).contains(label.utf8.count) && !label.hasPrefix("-") && !label.hasSuffix("-")
            && label.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}

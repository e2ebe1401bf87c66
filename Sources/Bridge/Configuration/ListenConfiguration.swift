internal import Cryptography

/// Where clients reach the bridge, and under which names.
public struct ListenConfiguration: Sendable, Equatable {
    /// At least one.
    public var addresses: [ListenAddress] = [.standard]
    /// Absent: plain HTTP.
    public var tls: TLSFiles?
    /// Names (`bridge.example.com`, or with a port) that `Host` may hold beside the addresses and `localhost`. Lower case.
    public var allowedHosts: [String] = []
    /// How the outside calls the bridge, such as `https://bridge.example.com`; no path, no ending slash.
    public var publicURL: String?
    /// Which addresses may be served without TLS.
    public var allowPlainHTTPOn = PlainHTTPPermission.loopback

    /// The defaults.
    public init() {}

    /// What `Host` may hold beside the addresses and `localhost`.
    public var names: [String] {
        allowedHosts + (publicURL.flatMap { EndpointURL($0) }.map { [$0.authority] } ?? [])
    }
}

/// A certificate and its private key, PEM.
public struct TLSFiles: Sendable, Equatable {
    /// Path of the chain, the server's own certificate first.
    public var certificate: String
    /// Path of the private key; others cannot read it.
    public var key: String

    /// Paths as given; nothing is read.
    public init(certificate: String, key: String) {
        self.certificate = certificate
        self.key = key
    }
}

/// Where HTTP without TLS is accepted.
public enum PlainHTTPPermission: String, Sendable, CaseIterable {
    /// Only where the bytes do not leave the machine.
    case loopback
    /// Anywhere: something in front does TLS, or the network is trusted.
    case `public`
}

extension ListenAddress {
    /// `127.0.0.1:8080`
    public static let standard = ListenAddress(ip: .loopback, port: 8080)
}

extension ListenConfiguration {
    private static let addresses = Setting(
        "listen.addresses", .list(of: .listenAddress, count: 1...16), default: "`[127.0.0.1:8080]`",
        "Where to listen; port 0 lets the system choose. A public address without TLS is refused unless allowed below.")
    private static let certificate = Setting(
        "listen.tls.certificate", .path, default: "none", reloads: true,
        "PEM file with the certificate chain, the server's own first. Relative paths start at this file's folder.")
    private static let key = Setting(
        "listen.tls.key", .path, default: "none", reloads: true,
        "PEM file with the private key; only its owner may read it.")
    private static let allowedHosts = Setting(
        "listen.allowed_hosts", .list(of: .hostName, count: 0...64), default: "none",
        "Names accepted in `Host` beside the listening addresses and `localhost`; anything else is answered 421.")
    private static let publicURL = Setting(
        "listen.public_url", .origin, default: "none",
        "How the outside calls the bridge; its host is accepted in `Host` too.")
    private static let allowPlainHTTPOn =
        Setting(
            "listen.allow_plain_http_on", .word, default: "`loopback`",
            "`public` serves HTTP without TLS on public addresses: keys and prices can then be read on the way.")
        as Setting<PlainHTTPPermission>

    static let rows = [
        addresses.row, certificate.row, key.row, allowedHosts.row, publicURL.row, allowPlainHTTPOn.row,
    ]

    /// Reports what it refuses and keeps the default there.
    init(reading section: SectionReader, files: FileInspector) {
        self.init()
        addresses = section.value(Self.addresses, default: addresses)
        allowedHosts = section.value(Self.allowedHosts, default: allowedHosts)
        publicURL = section.optional(Self.publicURL)
        allowPlainHTTPOn = section.value(Self.allowPlainHTTPOn, default: allowPlainHTTPOn)
        if let tls = section.section("tls") { self.tls = Self.readTLS(tls, isGiven: section.has("tls"), files: files) }
        if Set(addresses.filter { $0.port != 0 }).count != addresses.filter({ $0.port != 0 }).count {
            section.report("the same address is given twice", key: "addresses")
        }
        for address in addresses { refusePlainPublic(address, section: section) }
    }

    /// B15: plain HTTP on a public address needs somebody to have said so.
    private func refusePlainPublic(_ address: ListenAddress, section: SectionReader) {
        guard !section.has("tls"), let problem = plainHTTPProblem(at: address) else { return }
        section.report(problem, key: "addresses")
    }

    /// Why this address may not be served as configured; `nil` when it may. Also asked for `--listen`.
    public func plainHTTPProblem(at address: ListenAddress) -> String? {
        guard tls == nil, !address.ip.isLoopback, allowPlainHTTPOn != .public else { return nil }
        return
            "\(address) is not a loopback address and has no TLS: give listen.tls, or say allow_plain_http_on: public"
    }

    private static func readTLS(_ section: SectionReader, isGiven: Bool, files: FileInspector) -> TLSFiles? {
        guard isGiven else {
            section.context.noteAsked(certificate.path)
            section.context.noteAsked(key.path)
            return nil
        }
        let certificatePath = section.required(certificate)
        let keyPath = section.required(key)
        let chain = certificatePath.flatMap {
            read($0, isSecret: false, files) { section.report($0, key: "certificate") }
        }
        let secret = keyPath.flatMap { read($0, isSecret: true, files) { section.report($0, key: "key") } }
        guard let certificatePath, let keyPath, let chain, let secret else { return nil }
        do throws(CertificatePair.Refusal) { try CertificatePair.judge(chain: chain, key: secret) } catch {
            switch error {
            case .notACertificateChain:
                section.report("\(certificatePath): expected a chain of certificates in PEM", key: "certificate")
            case .notAPrivateKey:
                section.report("\(keyPath): expected a private key in PEM, without a passphrase", key: "key")
            case .keyOfAnother:
                section.report("\(keyPath) is not the key of the certificate in \(certificatePath)", key: "key")
            }
            return nil
        }
        return TLSFiles(certificate: certificatePath, key: keyPath)
    }

    private static func read(
        _ path: String, isSecret: Bool, _ files: FileInspector, _ report: (String) -> Void
    ) -> [UInt8]? {
        do throws(FileInspector.Refusal) { return try files.read(path, limit: 1 << 20, isSecret: isSecret) } catch {
            report(error.message)
            return nil
        }
    }
}

/// Which web pages may call the bridge from a browser.
public struct CORSConfiguration: Sendable, Equatable {
    /// Origins exactly as browsers send them, such as `https://app.example.com`.
    public var origins: [String] = []

    /// The defaults: none.
    public init() {}

    private static let originsSetting = Setting(
        "cors.origins", .list(of: .origin, count: 0...64), default: "none", reloads: true,
        "Web origins that may call the API from a browser, exactly as the browser writes them. `*` and `null` are refused."
    )

    static let rows = [originsSetting.row]

    init(reading section: SectionReader) {
        self.init()
        origins = section.value(Self.originsSetting, default: origins)
    }
}

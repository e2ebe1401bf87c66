/// Paths of the certificates all tests share; `Tests/EventLoopsTests/Certificates/generate` makes them.
public enum TestCertificates {
    /// The authority that signed `server`, `expired` and `wrongName`.
    public static let authority = path("ca.pem")
    /// Good for `localhost`, `127.0.0.1` and `::1`.
    public static let server = path("server.pem")
    /// As `server`, but its time is over.
    public static let expired = path("expired.pem")
    /// As `server`, but for `other.example`.
    public static let wrongName = path("wrong-name.pem")
    /// As `server`, but by an authority nobody here trusts.
    public static let unknownAuthority = path("unknown-ca.pem")
    /// As `server`, but by itself.
    public static let selfSigned = path("self-signed.pem")
    /// The private key of them all.
    public static let key = path("server.key")

    private static func path(_ name: String, file: String = #filePath) -> String {
        let tests = file.split(separator: "/").dropLast(2).joined(separator: "/")
        return "/\(tests)/EventLoopsTests/Certificates/\(name)"
    }
}

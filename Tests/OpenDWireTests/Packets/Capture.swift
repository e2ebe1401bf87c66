import Bytes
import Cryptography
import Foundation
import OpenDWire
import Testing

/// A packet really exchanged between the vendor's client 10.11 and a stand-in gateway.
struct Capture {
    var name: String
    var kind: String
    var package: String
    var header: JSONValue
    var bytes: [UInt8]
    var decoded: JSONValue
    var bodyText: String?
    var cipher: BodyCipher
    /// Whether encrypting gives the same bytes each time; RSA's padding is random.
    var isReproducible: Bool

    static func file() throws -> JSONValue {
        let url = try #require(Bundle.module.url(forResource: "Captures/opend-frames", withExtension: "json"))
        return try JSONValue.parse(Array(Data(contentsOf: url)), limits: JSONLimits(values: 1_000_000))
    }

    static func key() throws -> RSAKey {
        let text = try #require(try file()["encryption"]?["rsaPrivateKeyForTestsOnly"]?.stringValue)
        return try RSAKey(pem: Array(text.utf8))
    }

    static func all() throws -> [Capture] {
        let file = try file()
        let secret = try #require(file["encryption"]?["connAESKey"]?.stringValue)
        let vector = try #require(file["encryption"]?["aesCBCiv"]?.stringValue)
        let chained = try #require(BodyCipher.negotiated(.chained, key: secret, vector: vector))
        let tailed = try #require(BodyCipher.negotiated(.tailed, key: secret, vector: nil))
        let rsa = BodyCipher.rsa(try key())
        return try #require(file["frames"]?.arrayValue).map { frame in
            let name = try #require(frame["name"]?.stringValue)
            let package = try #require(frame["package"]?.stringValue)
            let isHidden = name.hasPrefix("cbc.") || name.hasPrefix("ftaes.")
            let isHandshake = isHidden && package == "InitConnect"
            let cipher =
                isHandshake ? rsa : name.hasPrefix("cbc.") ? chained : name.hasPrefix("ftaes.") ? tailed : .plain
            return Capture(
                name: name, kind: try #require(frame["kind"]?.stringValue), package: package,
                header: try #require(frame["header"]),
                bytes: try #require(frame["hex"]?.stringValue.flatMap { Hex.decode($0) }),
                decoded: try #require(frame["decoded"]), bodyText: frame["bodyText"]?.stringValue, cipher: cipher,
                isReproducible: !isHandshake)
        }
    }

    static func named(_ name: String) throws -> Capture {
        try #require(try all().first { $0.name == name }, "no frame \(name)")
    }

    /// The packet in plain.
    func packet() throws -> OpenDPacket {
        var reader = OpenDPacketReader()
        reader.append(bytes)
        return try #require(try reader.next()).opened(with: cipher)
    }
}
